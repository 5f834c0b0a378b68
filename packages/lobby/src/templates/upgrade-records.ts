/** Records that arrive in the shape of an older version of a template, brought to its current one. */
import type { DecryptedRecord, LongWork } from '@noy-db/hub'
import type { CompiledTemplate } from './compile.ts'
import type { ExpressionRunner } from './runner/runner.ts'
import { chainFor, transformAllRows } from './transform-rows.ts'

export interface DeclaredMigration {
  readonly template: CompiledTemplate
  readonly runner: ExpressionRunner
}

type Incoming = Readonly<Record<string, readonly DecryptedRecord[]>>

export interface UpgradedRecords {
  readonly records: Record<string, readonly DecryptedRecord[]>
  /** Collections a transform ran for. */
  readonly transformed: ReadonlySet<string>
}

/**
 * All or nothing; collections the template does not have, and those no step changes, come through as they are.
 * @throws TemplateTooNewError, TransformRowsRefusedError, TransformLimitError, TransformWorkerError
 */
export async function upgradeRecords(
  incoming: Incoming,
  { template, runner }: DeclaredMigration,
  from: number,
  work?: LongWork,
): Promise<UpgradedRecords> {
  const transformed = new Set<string>()
  const records: [string, readonly DecryptedRecord[]][] = []
  for (const [collection, rows] of Object.entries(incoming)) {
    const isChanged = chainFor(template, collection, from).length > 0
    if (isChanged) transformed.add(collection)
    records.push([collection, isChanged ? await upgrade(collection, rows) : rows])
  }
  return { records: Object.fromEntries(records), transformed }

  async function upgrade(collection: string, rows: readonly DecryptedRecord[]): Promise<DecryptedRecord[]> {
    const given = rows.map(({ id, record }) => ({ id, body: record }))
    const bodies = await transformAllRows({ template, collection, from, rows: given, runner }, work)
    return rows.map((row) => ({ ...row, record: { ...bodies.get(row.id), id: row.id } }))
  }
}
