/**
 * One decision while it is being made. Nothing is picked until the person picks; a field that only one side changed
 * is suggested for that side and marked so. What was picked (`picks`) and what still waits (`open`) are apart, and no
 * view touches a record: views call this model, the model yields a resolution.
 */
import type {
  ConflictDetailView,
  ConflictFieldView,
  FieldPickView,
  ResolutionView,
} from '../../src-shared/ipc/conflicts.ts'
import { parseValue, type Parsed } from '../lib/field-parse.ts'
import type { ValueContext } from '../lib/field-value.ts'

export type Side = 'base' | 'ours' | 'theirs'

export interface SidePick {
  readonly pick: Side
  /** Proposed because only that side changed the field; the person has not touched it. */
  readonly suggested: boolean
}

export interface CustomPick {
  readonly pick: 'custom'
  /** As typed, kept while it is not valid yet. */
  readonly text: string
  readonly parsed: Parsed
}

export type DraftPick = SidePick | CustomPick
type Picks = ReadonlyMap<string, DraftPick>

/** How this reader writes numbers and dates. */
export type ReaderFormat = Omit<ValueContext, 'currency'>

/** What became of the picks when the record was compared anew. */
export interface Rebased {
  readonly kept: number
  readonly dropped: number
}

export class ConflictDraft {
  detail: ConflictDetailView = $state.raw() as ConflictDetailView // set in the constructor
  #picks: Picks = $state.raw(new Map())
  /** The side taken as a whole where one side deleted the record: there are no fields to choose between. */
  whole: Side | null = $state(null)
  reason = $state('')
  /** Why it is decided against a rule; null until the person says that it is. */
  override: string | null = $state(null)
  rebased: Rebased | null = $state.raw(null)
  readonly #format: () => ReaderFormat

  constructor(detail: ConflictDetailView, format: () => ReaderFormat = () => ({})) {
    this.detail = detail
    this.#format = format
    this.#picks = suggestions(detail)
    this.whole = decidedWhole(detail)
  }

  get context(): ValueContext {
    return { ...this.#format(), currency: this.detail.currency }
  }

  get picks(): Picks {
    return this.#picks
  }

  readonly deletion = $derived(this.detail.ours === null || this.detail.theirs === null)
  /** What the person decides about; against a deletion, what the other side changed since the base. */
  readonly differing = $derived(this.detail.fields.filter((field) => differs(this.detail, field)))
  readonly sides: readonly Side[] = $derived(
    this.detail.base === null ? ['ours', 'theirs'] : ['ours', 'theirs', 'base'],
  )

  /** Paths that still wait for the person, in the order of the table. */
  readonly open: readonly string[] = $derived.by(() => {
    if (this.deletion) return this.whole === null ? [''] : []
    const waiting = this.differing.filter((field) => !isHandled(this.#picks.get(field.path)))
    const wrong = [...this.#picks].filter(([, pick]) => !isHandled(pick)).map(([path]) => path)
    return [...new Set([...waiting.map((field) => field.path), ...wrong])]
  })

  readonly ready = $derived(this.open.length === 0 && this.detail.status === 'open')
  readonly touched = $derived(
    this.whole !== null ||
      this.reason.trim() !== '' ||
      [...this.#picks.values()].some((pick) => pick.pick === 'custom' || !pick.suggested),
  )

  /** What would be sent now; null while a field waits. */
  readonly resolution: ResolutionView | null = $derived(this.ready ? this.#resolve() : null)

  /** What a preview can already show: the resolution, or the picks so far over the record as it is here. */
  readonly soFar: ResolutionView | null = $derived.by(() => {
    if (this.resolution || this.deletion) return this.resolution
    const picks = sendable(this.#picks)
    return Object.keys(picks).length > 0 ? { kind: 'fields', picks } : null
  })

  pickOf(path: string): DraftPick | undefined {
    return this.#picks.get(path)
  }

  pickField(path: string, side: Side): void {
    if (this.deletion) return this.pickAll(side)
    if (this.sides.includes(side)) this.#set(path, { pick: side, suggested: false })
  }

  pickAll(side: Side): void {
    this.override = null
    if (!this.sides.includes(side) && !this.deletion) return
    if (this.deletion) this.whole = this.detail[side] === null && side === 'base' ? this.whole : side
    else this.#picks = new Map(this.differing.map((f) => [f.path, { pick: side, suggested: false }]))
  }

  typeField(path: string, text: string): Parsed {
    const field = this.detail.fields.find((candidate) => candidate.path === path)
    if (!field) return { ok: false, message: 'This field is gone.' }
    const parsed = parseValue(text, field.hint, this.context, field.ours ?? field.theirs ?? field.base)
    this.#set(path, { pick: 'custom', text, parsed })
    return parsed
  }

  /** Takes a pick back: the field waits again, or falls back to its suggestion. */
  clearField(path: string): void {
    this.override = null
    const next = new Map(this.#picks)
    const suggested = suggestions(this.detail).get(path)
    if (suggested) next.set(path, suggested)
    else next.delete(path)
    this.#picks = next
  }

  clearAll(): void {
    this.whole = null
    this.override = null
    this.#picks = suggestions(this.detail)
  }

  /** The record moved or was read again: picks whose value is still the one that was picked stay. */
  rebase(detail: ConflictDetailView): void {
    const before = new Map(this.detail.fields.map((field) => [field.path, field]))
    const now = new Map(detail.fields.map((field) => [field.path, field]))
    const own = [...this.#picks].filter(([, pick]) => pick.pick === 'custom' || !pick.suggested)
    const kept = own.filter(([path, pick]) => stillHolds(pick, before.get(path), now.get(path)))
    const moved =
      detail.recordVersion !== this.detail.recordVersion || detail.rowVersion !== this.detail.rowVersion
    this.detail = detail
    this.#picks = new Map([...suggestions(detail), ...kept])
    if (moved)
      this.rebased = own.length === 0 ? null : { kept: kept.length, dropped: own.length - kept.length }
  }

  /** Value the field will have; `open` while nobody has said. */
  resultOf(field: ConflictFieldView): { readonly open: boolean; readonly value: unknown } {
    if (this.deletion)
      return { open: this.whole === null, value: this.whole ? field[this.whole] : field.ours }
    const pick = this.#picks.get(field.path)
    const waits = field.changedBy !== 'none' && this.detail.status === 'open'
    if (!pick) return { open: waits, value: field.ours }
    if (pick.pick !== 'custom') return { open: false, value: field[pick.pick] }
    return pick.parsed.ok ? { open: false, value: pick.parsed.value } : { open: true, value: pick.text }
  }

  /** Another result may break another rule: whoever went against one is asked again. */
  #set(path: string, pick: DraftPick): void {
    this.override = null
    this.#picks = new Map(this.#picks).set(path, pick)
  }

  #resolve(): ResolutionView {
    if (this.deletion) return this.#resolveDeletion()
    const side = this.#commonSide()
    return side ? { kind: side } : { kind: 'fields', picks: sendable(this.#picks) }
  }

  #resolveDeletion(): ResolutionView {
    const side = this.whole ?? 'ours'
    return this.detail[side] === null ? { kind: 'delete' } : { kind: side }
  }

  /** The one side every field comes from. Taking the whole base would also undo what both sides changed alike. */
  #commonSide(): Side | null {
    const picks = new Set([...this.#picks.values()].map((pick) => pick.pick))
    if (picks.size === 0) return 'ours'
    const [only] = picks
    if (picks.size > 1 || only === undefined || only === 'custom') return null
    return only !== 'base' || this.detail.fields.every(agreesWithBase) ? only : null
  }
}

function suggestions(detail: ConflictDetailView): Picks {
  const picks = new Map<string, DraftPick>()
  if (detail.decision) return decidedPicks(detail)
  if (detail.ours === null || detail.theirs === null) return picks
  for (const { path, changedBy } of detail.fields) {
    if (changedBy === 'ours' || changedBy === 'theirs') picks.set(path, { pick: changedBy, suggested: true })
  }
  return picks
}

/** A decided conflict shows what was picked then. */
function decidedPicks({ decision, fields }: ConflictDetailView): Picks {
  const resolution = decision?.resolution
  if (!resolution || resolution.kind === 'delete' || resolution.kind === 'close') return new Map()
  if (resolution.kind !== 'fields') {
    const pick = { pick: resolution.kind, suggested: false }
    return new Map(fields.filter((field) => field.changedBy !== 'none').map((field) => [field.path, pick]))
  }
  const picks = Object.entries(resolution.picks).map(([path, pick]): [string, DraftPick] => {
    if (pick.pick !== 'custom') return [path, { pick: pick.pick, suggested: false }]
    return [path, { pick: 'custom', text: '', parsed: { ok: true, value: pick.value } }]
  })
  return new Map(picks)
}

function decidedWhole({ decision, ours, theirs }: ConflictDetailView): Side | null {
  const kind = decision?.resolution.kind
  if (kind === 'ours' || kind === 'theirs' || kind === 'base') return kind
  if (kind !== 'delete') return null
  return ours === null ? 'ours' : theirs === null ? 'theirs' : null
}

function differs({ ours, theirs, baseKnown }: ConflictDetailView, field: ConflictFieldView): boolean {
  if (!baseKnown || (ours !== null && theirs !== null)) return field.changedBy !== 'none'
  return !sameValue(field.base, ours === null ? field.theirs : field.ours)
}

function isHandled(pick: DraftPick | undefined): boolean {
  return pick !== undefined && (pick.pick !== 'custom' || pick.parsed.ok)
}

function sendable(picks: Picks): Record<string, FieldPickView> {
  const sent: Record<string, FieldPickView> = {}
  for (const [path, pick] of picks) {
    if (pick.pick !== 'custom') sent[path] = { pick: pick.pick }
    else if (pick.parsed.ok) sent[path] = { pick: 'custom', value: pick.parsed.value }
  }
  return sent
}

function stillHolds(pick: DraftPick, before?: ConflictFieldView, now?: ConflictFieldView): boolean {
  if (!before || !now) return false
  if (pick.pick === 'custom') return true
  return now.changedBy !== 'none' && sameValue(before[pick.pick], now[pick.pick])
}

function agreesWithBase(field: ConflictFieldView): boolean {
  return field.changedBy !== 'none' || sameValue(field.base, field.ours)
}

export function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
}
