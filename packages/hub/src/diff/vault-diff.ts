/** What `diffVault` gives, and its text form. */
import type { FieldDiff } from './json.ts'

export interface DiffRow<T> {
  readonly collection: string
  readonly id: string
  readonly record: T
}

export interface ModifiedRow<T> extends DiffRow<T> {
  readonly before: T
  /** Distinct top-level names with any difference. */
  readonly fieldsChanged: readonly string[]
  readonly fieldDiffs: readonly FieldDiff[]
}

export type DiffDetail = 'count' | 'one-line' | 'full'

export interface VaultDiff<T> {
  readonly added: readonly DiffRow<T>[]
  readonly modified: readonly ModifiedRow<T>[]
  readonly deleted: readonly DiffRow<T>[]
  /** Only with `includeUnchanged`. */
  readonly unchanged: readonly DiffRow<T>[] | undefined
  readonly summary: { add: number; modify: number; delete: number; total: number }
  /** Default `one-line`: a line per record. `full` adds a line per field. */
  format(opts?: { detail?: DiffDetail }): string
}

type DiffRows<T> = Pick<VaultDiff<T>, 'added' | 'modified' | 'deleted' | 'summary'>

export function formatDiff<T>(diff: DiffRows<T>, detail: DiffDetail = 'one-line'): string {
  const { add, modify, delete: remove } = diff.summary
  const count = `${add} added, ${modify} modified, ${remove} deleted`
  if (detail === 'count') return count
  const lines = [
    ...diff.added.map((row) => `+ ${row.collection}/${row.id}`),
    ...diff.modified.flatMap((row) => modifiedLines(row, detail)),
    ...diff.deleted.map((row) => `- ${row.collection}/${row.id}`),
  ]
  return [count, ...lines].join('\n')
}

function modifiedLines<T>(row: ModifiedRow<T>, detail: DiffDetail): string[] {
  const head = `~ ${row.collection}/${row.id}: ${row.fieldsChanged.join(', ')}`
  return detail === 'full' ? [head, ...row.fieldDiffs.map(fieldLine)] : [head]
}

function fieldLine({ path, type, from, to }: FieldDiff): string {
  if (type === 'added') return `    + ${path} = ${JSON.stringify(to)}`
  if (type === 'removed') return `    - ${path} = ${JSON.stringify(from)}`
  return `    ~ ${path}: ${JSON.stringify(from)} -> ${JSON.stringify(to)}`
}
