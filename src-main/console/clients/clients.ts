/** Clients and their records, as the screens ask for them. */
import { columnsOf } from '@klum-db/lobby/templates'
import type {
  ClientDetail,
  ClientRow,
  CollectionInfo,
  RecordDetail,
} from '../../../src-shared/ipc/clients.ts'
import { AppError } from '../app-error.ts'
import { openConflictsOf } from '../engine.ts'
import type { Open, Session } from '../session.ts'
import type { ClientRows } from './client-rows.ts'
import { createClient, type NewClient } from './create-client.ts'
import type { PeriodBooks } from '../periods/books.ts'
import type { RuleBook } from '../rules.ts'
import { collectionTemplate, recordDetail, type RecordKey } from './record-detail.ts'
import { type RecordEdit, saveRecord } from './save-record.ts'
import { pageOf, type PageRequest, type RecordPage } from './record-page.ts'

export interface ClientsService {
  list(): Promise<ClientRow[]>
  get(vaultId: string): Promise<ClientDetail>
  create(client: NewClient): Promise<ClientRow>
  records(
    request: PageRequest & { readonly vaultId: string; readonly collection: string },
  ): Promise<RecordPage>
  record(key: RecordKey): Promise<RecordDetail>
  saveRecord(edit: RecordEdit): Promise<RecordDetail>
}

/** What clients and their records are shown and written with. */
export interface ClientParts {
  readonly rows: ClientRows
  readonly books: PeriodBooks
  readonly rules: RuleBook
}

export function createClients(session: Session, parts: ClientParts): ClientsService {
  const { rows, books } = parts
  return {
    list: () => session.use((open) => rows.list(open)),
    get: (vaultId) =>
      session.use(async (open) => {
        const row = await rowOf(open, rows, vaultId)
        return { ...row, collections: row.access === 'open' ? await collectionsOf(open, row) : [] }
      }),
    create: (client) =>
      session.use(async (open) => rowOf(open, rows, await createClient(open, client, 'clients.create'))),
    records: (request) =>
      session.use(async (open) => {
        const template = collectionTemplate(open, request.vaultId, request.collection)
        const vault = await open.vault(request.vaultId)
        const entries = await vault.collection<Record<string, unknown>>(request.collection).entries()
        const conflicts = await openConflictsOf(open, request.vaultId, request.collection)
        const book = await books.of(open, request.vaultId)
        return pageOf(template, entries, request, {
          conflictOf: (id) => conflicts.get(id) ?? null,
          isClosed: (period) => book?.has(period) === true,
        })
      }),
    record: (key) => session.use((open) => recordDetail(open, books, key)),
    saveRecord: (edit) =>
      session.use(async (open) => {
        await saveRecord(open, parts, edit)
        return recordDetail(open, books, edit)
      }),
  }
}

async function rowOf(open: Open, rows: ClientRows, vaultId: string): Promise<ClientRow> {
  const row = (await rows.list(open)).find((candidate) => candidate.vaultId === vaultId)
  if (row === undefined) {
    throw new AppError(
      'NOT_FOUND',
      'There is no such client. Nothing was changed. Go back to the list of clients.',
    )
  }
  return row
}

async function collectionsOf(open: Open, row: ClientRow): Promise<CollectionInfo[]> {
  const stats = await open.store.stats?.(row.vaultId)
  return [...open.templates.get(row.template).collections.values()].map((collection) => ({
    name: collection.name,
    label: collection.label.many,
    count: stats?.collections[collection.name]?.records ?? 0,
    columns: columnsOf(collection),
    fields: [...collection.fields],
  }))
}
