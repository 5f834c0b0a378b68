/** Records brought to the receiver's shape and tried against its schemas, all of them before any is written. */
import type { DecryptedRecord, LongWork, VaultApi } from '@noy-db/hub'
import { onlySignal, pace } from '../pace.ts'
import { MigrationTransformRequiredError } from './migration-errors.ts'
import { isObject } from './record-path.ts'

type Body = Record<string, unknown>
export type RecordStep = (body: Body) => Body

/** In bundle order. @throws MigrationTransformRequiredError; what a step throws comes through as it is */
export async function stageAndValidate(
  receiver: VaultApi,
  incoming: Readonly<Record<string, readonly DecryptedRecord[]>>,
  transformsByCollection: Readonly<Record<string, readonly RecordStep[]>>,
  work?: LongWork,
): Promise<Record<string, DecryptedRecord[]>> {
  const slices = pace(onlySignal(work))
  const staged: [string, DecryptedRecord[]][] = []
  for (const [name, rows] of Object.entries(incoming)) {
    const steps = Object.hasOwn(transformsByCollection, name) ? (transformsByCollection[name] ?? []) : []
    const collection = receiver.collection<Body>(name)
    const records: DecryptedRecord[] = []
    for (const row of rows) {
      await slices.step()
      const record = throughSteps(row.record, row.id, steps)
      await fitting(name, async () => {
        if (!isObject(record)) throw new TypeError(`${row.id} is no record after its migration.`)
        await collection.validateInput(record)
      })
      records.push({ ...row, record })
    }
    staged.push([name, records])
  }
  return Object.fromEntries(staged)
}

/** Whatever the steps do, a record stays itself; in between, its `id` is theirs to miss. */
export function throughSteps(body: Body, id: string, steps: readonly RecordStep[]): Body {
  const after: unknown = steps.reduce((record, step) => step(record), body)
  // What is no object is left for the caller's check to find.
  return isObject(after) ? { ...after, id } : (after as Body)
}

async function fitting(collection: string, check: () => Promise<void>): Promise<void> {
  try {
    await check()
  } catch (cause) {
    throw new MigrationTransformRequiredError(collection, cause)
  }
}
