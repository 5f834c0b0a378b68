/**
 * `_schemas/<collection>`: the JSON Schema the stored records of a collection were written under, sealed with
 * that collection's key. What a session declares is compared with it.
 */
import { isJsonObject } from '../pod/untrusted-json.ts'
import { readingKey } from '../collection/read-key.ts'
import { DecryptionError, TamperedError } from '../errors.ts'
import { noStagedKeys } from '../keyring/vault-keys.ts'
import { writeRows } from '../transaction/store-write.ts'
import type { TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import type { DerivedSchema } from './json-schema.ts'

const SCHEMAS = '_schemas'
/** Hashes of left-behind schemas that are remembered. */
const MAX_REPLACED = 50

export interface StoredSchema extends DerivedSchema {
  /** ISO-8601. */
  readonly derivedAt: string
  /** Hashes of the schemas that cutovers have left behind, newest first. */
  readonly replaced?: readonly string[]
}

export interface Baseline {
  readonly schema: StoredSchema
  readonly version: number
}

/** Null where none was ever stored. @throws NoAccessError, TamperedError */
export async function readBaseline(core: VaultCore, collection: string): Promise<Baseline | null> {
  const envelope = await core.store.get(core.name, SCHEMAS, collection)
  if (envelope === null) return null
  const key = await readingKey(core.keys, collection)
  const text = core.keys.codec.open(key, { collection: SCHEMAS, id: collection }, envelope)
  const schema: unknown = JSON.parse(text)
  if (!isStoredSchema(schema)) throw new TamperedError(`The stored schema of ${collection} cannot be read.`)
  return { schema, version: envelope._v }
}

/** On top of `before`; mints the collection's key where there is none. Call it under the vault's lock. @throws ConflictError */
export async function storeBaseline(
  core: VaultCore,
  collection: string,
  derived: DerivedSchema,
  before: Baseline | null,
): Promise<void> {
  const { keys, store } = core
  const staged = store.tx === undefined ? noStagedKeys : await keys.stage([collection])
  if (store.tx === undefined) await keys.ensure([collection])
  try {
    await writeRows(store, [...staged.ops, baselineOp(core, collection, derived, before, core.session.now())])
  } catch (error) {
    staged.forget()
    throw error
  }
}

export function baselineOp(
  core: VaultCore,
  collection: string,
  derived: DerivedSchema,
  before: Baseline | null,
  ts: string,
  replaced: readonly string[] = before?.schema.replaced ?? [],
): TxOp {
  const key = core.keys.held(collection)
  if (key === undefined) throw new DecryptionError(`The key of ${collection} is missing.`)
  const schema: StoredSchema = {
    ...derived,
    derivedAt: ts,
    ...(replaced.length > 0 && { replaced: replaced.slice(0, MAX_REPLACED) }),
  }
  const address = { collection: SCHEMAS, id: collection }
  const version = (before?.version ?? 0) + 1
  const clear = { version, ts, by: core.keys.userId }
  const envelope = core.keys.codec.seal(key, address, clear, JSON.stringify(schema))
  return { vault: core.name, ...address, op: 'put', envelope, expectedVersion: version - 1 }
}

/** The lineage after a cutover from `before` to `hash`. */
export function replacedAfter({ schema }: Baseline, hash: string | null): string[] {
  const earlier = schema.hash === null ? [] : [schema.hash]
  return [...earlier, ...(schema.replaced ?? [])].filter((each) => each !== hash)
}

function isStoredSchema(value: unknown): value is StoredSchema {
  if (!isJsonObject(value)) return false
  const { kind, jsonSchema, hash, derivedAt, replaced } = value
  return (
    typeof kind === 'string' &&
    typeof derivedAt === 'string' &&
    (hash === null ? jsonSchema === null : typeof hash === 'string' && isJsonObject(jsonSchema)) &&
    (replaced === undefined ||
      (Array.isArray(replaced) && replaced.every((each) => typeof each === 'string')))
  )
}
