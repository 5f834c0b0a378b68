/** An edit of one record: what was typed, what is wrong with it, and the save that names the version it started from. */
import type { BrokenRuleView, FieldHint } from '../../src-shared/ipc/common.ts'
import type { CollectionInfo, RecordDetail } from '../../src-shared/ipc/clients.ts'
import { api, CallError } from '../lib/api.ts'
import {
  currencyAt,
  listAt,
  ownFields,
  sameValue,
  valueAt,
  withValue,
  type Body,
} from '../lib/record-path.ts'
import { editText, parseValue } from '../lib/field-parse.ts'
import type { ValueContext } from '../lib/field-value.ts'

/** A record that is not there yet, under an id nobody has; saving it creates version 1. */
export function blankRecord(
  vaultId: string,
  { name, fields }: Pick<CollectionInfo, 'name' | 'fields'>,
  currency: string | null,
): RecordDetail {
  const lists = ownFields(fields).filter(({ type }) => type === 'lines')
  const inOneCurrency = currency !== null && fields.some(({ path }) => path === 'currency')
  return {
    vaultId,
    collection: name,
    id: crypto
      .getRandomValues(new Uint8Array(10))
      .reduce((id, byte) => id + byte.toString(36).padStart(2, '0'), ''),
    title: 'New record',
    record: {
      ...(inOneCurrency && { currency }),
      ...Object.fromEntries(lists.map(({ path }) => [path, []])),
    },
    fields,
    version: 0,
    changedAt: '',
    changedBy: null,
    source: null,
    history: [],
    closed: null,
  }
}

export class RecordDraft {
  readonly detail: RecordDetail
  record: Body = $state.raw({})
  reason = $state('')
  /** Why it is saved against a rule; asked once it was refused for that. */
  override = $state('')
  /** Rules it would break, as the last refusal named them. */
  broken: readonly BrokenRuleView[] = $state.raw([])
  saving = $state(false)
  /** A failure that belongs to no field. */
  failure = $state.raw<unknown>()
  #texts = $state.raw<Readonly<Record<string, string>>>({})
  #problems = $state.raw<Readonly<Record<string, string>>>({})
  readonly #locale: string

  readonly dirty = $derived(!sameValue(this.record, this.#original()) || this.hasProblems)
  readonly problemCount = $derived(Object.keys(this.#problems).length)

  constructor(detail: RecordDetail, locale: string) {
    this.detail = detail
    this.record = detail.record
    this.#locale = locale
  }

  get hasProblems(): boolean {
    return Object.keys(this.#problems).length > 0
  }

  #original(): Body {
    return this.detail.record
  }

  text(path: string, hint: FieldHint): string {
    return this.#texts[path] ?? editText(valueAt(this.record, path), hint, this.#context(hint))
  }

  problem(path: string): string | undefined {
    return this.#problems[path]
  }

  type(path: string, hint: FieldHint, text: string): void {
    this.#texts = { ...this.#texts, [path]: text }
    const parsed = parseValue(text, hint, this.#context(hint), valueAt(this.detail.record, path))
    const { [path]: _fixed, ...others } = this.#problems
    this.#problems = parsed.ok ? others : { ...others, [path]: parsed.message }
    if (parsed.ok) this.record = withValue(this.record, path, parsed.value)
  }

  addEntry(path: string): void {
    const entries = listAt(this.record, path)
    const numbers = entries.map((entry) => Number(valueAt(entry, 'lineNo')) || 0)
    const isNumbered = this.detail.fields.some((field) => field.path === `${path}.*.lineNo`)
    this.#forget(path)
    const entry = isNumbered ? { lineNo: Math.max(0, ...numbers) + 1 } : {}
    this.record = withValue(this.record, path, [...entries, entry])
  }

  /** Texts and problems of the list's entries go by place, so all of them are read again. */
  removeEntry(path: string, at: number): void {
    this.#forget(path, true)
    this.record = withValue(this.record, path, listAt(this.record, path).toSpliced(at, 1))
  }

  /** What was said of a list holds no longer once an entry is added; of its entries, once one is removed. */
  #forget(path: string, entries = false): void {
    const others = <Value>(all: Readonly<Record<string, Value>>) =>
      Object.fromEntries(
        Object.entries(all).filter(([key]) => key !== path && !(entries && key.startsWith(`${path}.`))),
      )
    this.#texts = others(this.#texts)
    this.#problems = others(this.#problems)
  }

  #context(hint: FieldHint): ValueContext {
    return { locale: this.#locale, currency: currencyAt(this.record, hint) }
  }

  /** The saved record; undefined when it was refused, which the fields or `failure` then explain. */
  async save(): Promise<RecordDetail | undefined> {
    const { vaultId, collection, id, version } = this.detail
    const reason = this.reason.trim()
    const override = this.override.trim()
    this.saving = true
    this.failure = undefined
    try {
      const input = { vaultId, collection, id, record: { ...this.record }, expectedVersion: version }
      return await api.clients.saveRecord({
        ...input,
        ...(reason !== '' && { reason }),
        ...(override !== '' && { override }),
      })
    } catch (error) {
      this.#refused(error)
      return undefined
    } finally {
      this.saving = false
    }
  }

  #refused(error: unknown): void {
    this.broken = brokenIn(error)
    if (this.broken.length > 0) return
    const issues = error instanceof CallError && error.code === 'RECORD_INVALID' ? issuesIn(error) : []
    this.#problems = Object.fromEntries(issues.map((issue) => [issue.path, this.#sentence(issue)]))
    const inForm = (path: string): boolean =>
      this.detail.fields.some((field) => field.path === path && field.type !== 'object')
    const shown = issues.length > 0 && issues.every(({ path }) => inForm(path.replace(/\.\d+\./g, '.*.')))
    this.failure = shown ? undefined : error
  }

  /** "is missing" -> "Number is missing." */
  #sentence({ path, message }: Issue): string {
    const label = this.detail.fields.find((field) => field.path === path)?.label ?? path
    return /^[a-z]/.test(message) ? `${label} ${message}.` : message
  }
}

/** What stands in the way, where a reason would help. */
function brokenIn(error: unknown): readonly BrokenRuleView[] {
  if (!(error instanceof CallError)) return []
  if (error.code === 'PERIOD_CLOSED') return [lockedRule(error)]
  const { broken } = error.details
  return error.code === 'RULES_BROKEN' && Array.isArray(broken) ? (broken as BrokenRuleView[]) : [] // by the contract of main
}

function lockedRule({ details, message }: CallError): BrokenRuleView {
  const { closed, period } = details
  return {
    rule: 'locked',
    message: typeof closed === 'string' ? closed : message,
    path: '',
    enforce: 'override',
    period: typeof period === 'string' ? period : null,
  }
}

interface Issue {
  readonly path: string
  readonly message: string
}

function issuesIn({ details }: CallError): Issue[] {
  const { issues } = details
  return Array.isArray(issues) ? issues.filter(isIssue) : []
}

function isIssue(value: unknown): value is Issue {
  return typeof value === 'object' && value !== null && 'path' in value && 'message' in value
}
