/** One record with its story. */
import { type CompiledCollection, hintFor, titleOf } from '@klum-db/lobby/templates'
import type { RecordDetail } from '../../../src-shared/ipc/clients.ts'
import { AppError } from '../app-error.ts'
import { personName } from '../people.ts'
import type { PeriodBooks } from '../periods/books.ts'
import { closedView } from '../periods/periods.ts'
import type { Open } from '../session.ts'
import type { Entry } from './record-page.ts'

type Body = Record<string, unknown>

export interface RecordKey {
  readonly vaultId: string
  readonly collection: string
  readonly id: string
}

/** @throws AppError NOT_FOUND */
export function collectionTemplate(open: Open, vaultId: string, name: string): CompiledCollection {
  const template = open.templateNames.get(vaultId)
  const collection = template === undefined ? undefined : open.templates.get(template).collections.get(name)
  if (collection === undefined) throw new AppError('NOT_FOUND')
  return collection
}

/** @throws AppError NOT_FOUND where the record is gone */
export async function recordDetail(
  open: Open,
  books: PeriodBooks,
  { vaultId, collection: name, id }: RecordKey,
): Promise<RecordDetail> {
  const key = { vaultId, collection: name, id }
  const template = collectionTemplate(open, key.vaultId, key.collection)
  const vault = await open.vault(key.vaultId)
  const collection = vault.collection<Body>(key.collection)
  const [entry, history] = await Promise.all([collection.entry(key.id), collection.history(key.id)])
  if (entry === null) {
    throw new AppError(
      'NOT_FOUND',
      'This record is not there any more. Nothing was changed. Refresh the list.',
    )
  }
  return {
    ...key,
    title: titleOf(template, key.id, entry.record),
    record: entry.record,
    fields: fieldsOf(template, entry.record),
    version: entry.metadata.version,
    changedAt: entry.metadata.timestamp,
    changedBy: personName(open, entry.metadata.by),
    source: entry.metadata.source ?? null,
    history: history.map((version) => versionOf(open, version)),
    closed: await closedAround(open, books, key.vaultId, template.periodOf(entry.record)),
  }
}

async function closedAround(
  open: Open,
  books: PeriodBooks,
  vaultId: string,
  period: string | null,
): Promise<RecordDetail['closed']> {
  const closed = period === null ? null : ((await books.of(open, vaultId))?.closing(period) ?? null)
  return period === null || closed === null ? null : closedView(open, period, closed)
}

function versionOf(open: Open, { record, metadata }: Entry): RecordDetail['history'][number] {
  return {
    version: metadata.version,
    at: metadata.timestamp,
    by: personName(open, metadata.by),
    source: metadata.source ?? null,
    record,
  }
}

/** The template's fields, then whatever else the record holds. */
function fieldsOf(template: CompiledCollection, record: Body): RecordDetail['fields'] {
  const described = new Set(template.fields.map(({ path }) => path.split('.')[0]))
  const others = Object.keys(record).filter((name) => name !== 'id' && !described.has(name))
  return [...template.fields, ...others.map((path) => hintFor(undefined, path))]
}
