/** One record with its story, and how an edited one is saved. */
import { type CompiledCollection, hintFor, titleOf } from '@klum-db/lobby/templates'
import type { RecordDetail } from '../../../src-shared/ipc/clients.ts'
import { isDeepStrictEqual } from 'node:util'
import { AppError } from '../app-error.ts'
import { personName } from '../people.ts'
import type { Open } from '../session.ts'
import type { Entry } from './record-page.ts'

type Body = Record<string, unknown>

export interface RecordKey {
  readonly vaultId: string
  readonly collection: string
  readonly id: string
}

export interface RecordEdit extends RecordKey {
  readonly record: Body
  readonly expectedVersion: number
  readonly reason?: string | undefined
}

/** @throws AppError NOT_FOUND */
export function collectionTemplate(open: Open, vaultId: string, name: string): CompiledCollection {
  const template = open.templateNames.get(vaultId)
  const collection = template === undefined ? undefined : open.templates.get(template).collections.get(name)
  if (collection === undefined) throw new AppError('NOT_FOUND')
  return collection
}

/** @throws AppError NOT_FOUND where the record is gone */
export async function recordDetail(open: Open, key: RecordKey): Promise<RecordDetail> {
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
  }
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

/** @throws AppError VERSION_CONFLICT, RECORD_INVALID */
export async function saveRecord(open: Open, edit: RecordEdit): Promise<RecordDetail> {
  collectionTemplate(open, edit.vaultId, edit.collection)
  const vault = await open.vault(edit.vaultId)
  const record = withoutBlanks(edit.record)
  const before = await vault.collection<Body>(edit.collection).entry(edit.id)
  const unchanged =
    before?.metadata.version === edit.expectedVersion && isDeepStrictEqual(before.record, record)
  if (!unchanged) {
    const { reason, expectedVersion } = edit
    await open.db.transaction(
      (tx) => {
        tx.put(vault, edit.collection, edit.id, record, { expectedVersion })
      },
      { command: 'clients.saveRecord', ...(reason === undefined ? {} : { reason }) },
    )
  }
  return recordDetail(open, edit)
}

/** A field emptied in a form is a field the record does not have. */
function withoutBlanks(record: Body): Body {
  const kept = Object.entries(record).filter(
    ([, value]) => value !== '' && value !== null && value !== undefined,
  )
  return Object.fromEntries(
    kept.map(([name, value]) => [name, isObject(value) ? withoutBlanks(value) : value]),
  )
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
