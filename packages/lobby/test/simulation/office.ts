/** One office of the simulation: edits its books, sends and takes bundles, decides what is open. */
import type { Noydb } from '@noy-db/hub'
import { contents, openOffice } from '../../src/fixture-office.ts'
import {
  applyImport,
  exportBundle,
  listImports,
  openConflictQueue,
  ownIdentity,
  planImport,
  undoImport,
  type ConflictQueue,
  type ConflictView,
  type Resolution,
} from '../../src/index.ts'
import type { Body, Ledger } from './ledger.ts'
import type { Chance } from './random.ts'

const VAULT = 'books'
const FIELDS = ['amount', 'note', 'city'] as const

export interface Message {
  readonly container: Uint8Array
  readonly keys: Readonly<Record<string, Uint8Array>>
}

export class Office {
  readonly name: string
  readonly #db: Noydb
  readonly #queue: ConflictQueue
  readonly #chance: Chance
  readonly #ledger: Ledger

  private constructor(name: string, db: Noydb, queue: ConflictQueue, game: Game) {
    this.name = name
    this.#db = db
    this.#queue = queue
    this.#chance = game.chance
    this.#ledger = game.ledger
  }

  static async open(name: string, game: Game): Promise<Office> {
    const db = await openOffice(name)
    await ownIdentity(db, { party: name })
    await db.openVault(VAULT)
    return new Office(name, db, await openConflictQueue(db), game)
  }

  close(): void {
    this.#queue.close()
    this.#db.close()
  }

  async records(): Promise<Record<string, Body>> {
    return (await contents(this.#db, VAULT))['orders'] ?? {}
  }

  async add(id: string): Promise<void> {
    const fields = FIELDS.map((field) => [field, this.#value(id, field)] as const)
    const lines = [1, 2].map((line) => ({ id: line, qty: this.#value(id, `lines.${line}.qty`) }))
    await (await this.#orders()).put(id, { id, ...Object.fromEntries(fields), lines })
  }

  /** One change to one record: a field, a line, a line more or less, or the record as a whole. */
  async edit(): Promise<void> {
    const records = Object.entries(await this.records())
    if (records.length === 0 || this.#chance.happens(0.05)) {
      return this.add(`${this.name}-${this.#chance.below(1_000_000)}`)
    }
    const [id, before] = this.#chance.pick(records)
    if (this.#chance.happens(0.06)) {
      await (await this.#orders()).delete(id)
      this.#ledger.deleted(id, this.name, before)
      return
    }
    const after = this.#chance.happens(0.6) ? this.#withField(id, before) : this.#withLine(id, before)
    await (await this.#orders()).put(id, after)
    this.#ledger.replaced(before, after)
  }

  #withField(id: string, before: Body): Body {
    const field = this.#chance.pick(FIELDS)
    return { ...before, [field]: this.#value(id, field) }
  }

  #withLine(id: string, before: Body): Body {
    const lines = before['lines'] as { id: number; qty: string }[]
    const line = 1 + this.#chance.below(4)
    const others = lines.filter((one) => one.id !== line)
    if (others.length < lines.length && this.#chance.happens(0.2)) return { ...before, lines: others }
    const changed = { id: line, qty: this.#value(id, `lines.${line}.qty`) }
    const has = others.length < lines.length
    return {
      ...before,
      lines: has ? lines.map((one) => (one.id === line ? changed : one)) : [...lines, changed],
    }
  }

  #value(id: string, field: string): string {
    return this.#ledger.write(this.name, `${id}.${field}`)
  }

  async #orders() {
    return (await this.#db.openVault(VAULT)).collection<Body>('orders')
  }

  async send(party: string): Promise<Message> {
    const { container, keys } = await exportBundle(this.#db, {
      party,
      vaults: [{ vault: VAULT }],
      tombstones: true,
    })
    return { container, keys }
  }

  /**
   * `late`: messages that were overtaken are wanted all the same; else they change nothing, as those that were taken already.
   * `picky`: some rows are left out by name.
   */
  async take({ container, keys }: Message, { late = false, picky = false } = {}): Promise<void> {
    const into = Object.fromEntries(Object.keys(keys).map((handle) => [handle, VAULT]))
    try {
      const plan = await planImport(this.#db, { container, keys, into, strategy: 'three-way' })
      const exclude = picky ? plan.rows.filter(() => this.#chance.happens(0.3)) : []
      await applyImport(this.#db, plan, { acceptSequence: late, exclude })
    } catch (error) {
      if (!isRefusal(error)) throw error
    }
  }

  /** Takes back the import taken last, where that is still possible. */
  async undo(): Promise<void> {
    const last = (await listImports(this.#db)).find(({ status }) => status === 'applied')
    if (last === undefined) return
    const before = await this.records()
    await undoImport(this.#db, last.id)
    this.#ledger.tookBack(before, await this.records())
  }

  async openConflicts(): Promise<number> {
    return (await this.#queue.counts()).open
  }

  /** Decides each open conflict with this probability, by chance. */
  async decide(probability: number): Promise<void> {
    const { rows } = await this.#queue.list({ status: 'open' }, { limit: 1_000 })
    for (const ref of rows) {
      if (!this.#chance.happens(probability)) continue
      const view = await this.#queue.get(ref)
      if (view.row.status !== 'open') continue // closed with a later one of the same record
      const resolution = this.#resolution(view)
      const { result } = await this.#queue.preview(ref, resolution)
      await this.#queue.decide(ref, resolution, {
        expectRowVersion: view.rowVersion,
        expectRecordVersion: view.currentVersion,
      })
      const { row, current } = view
      this.#ledger.decided(row.recordId, [row.base, row.ours, row.theirs, current], current, result)
    }
  }

  #resolution({ row, current, fields }: ConflictView): Resolution {
    const sides = ['ours', 'theirs'] as const
    if (current === null || row.theirs === null || this.#chance.happens(0.5)) {
      return { kind: this.#chance.pick(sides) }
    }
    const picks = fields.map(({ path }) => [path, { pick: this.#chance.pick(sides) }] as const)
    return { kind: 'fields', picks: Object.fromEntries(picks) }
  }

  /** Every overlap of first-hand values that was ever queued here, by the two that met. */
  async overlaps(): Promise<string[]> {
    const { rows } = await this.#queue.list({}, { limit: 10_000 })
    const found: string[] = []
    // What was asked by an import that was taken back is asked by the next one.
    for (const ref of rows.filter(({ status }) => status !== 'recalled')) {
      const overlaps = overlapsOf(await this.#queue.get(ref))
      found.push(
        ...overlaps.filter(({ met }) => !this.#ledger.wasChosen(ref.recordId, met)).map(({ text }) => text),
      )
    }
    return found
  }
}

export interface Game {
  readonly chance: Chance
  readonly ledger: Ledger
}

interface Overlap {
  readonly met: unknown
  readonly text: string
}

function overlap(record: string, what: string, ...met: readonly unknown[]): Overlap {
  return { met, text: JSON.stringify([record, what, ...met]) }
}

function overlapsOf({ row }: ConflictView): Overlap[] {
  const { recordId, kind, base, ours, theirs } = row
  if (kind !== 'edited-by-both') return [overlap(recordId, kind, ours, theirs)]
  return FIELDS.flatMap((field) => {
    const [was, here, there] = [base?.[field], ours?.[field], theirs?.[field]]
    const met = here !== there && here !== was && there !== was
    return met ? [overlap(recordId, field, here, there)] : []
  })
}

function isRefusal(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null
  return code === 'ALREADY_IMPORTED' || code === 'SEQUENCE_REFUSED'
}
