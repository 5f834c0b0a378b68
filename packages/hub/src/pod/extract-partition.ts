/**
 * A part of a vault, re-encrypted for someone without access to the vault: every collection under a new
 * key, those keys under a transfer key that travels by another way. The source is only read.
 */
import { randomBytes, type KeyObject } from 'node:crypto'
import { importKey, KEY_BYTES, newKey, seal, sealBytes } from '../crypto/aead.ts'
import { PartitionExtractionError } from '../errors.ts'
import { generateULID } from '../ids.ts'
import type { ExtractedPartition, ExtractPartitionOptions } from '../types/bundle.ts'
import type { LongWork, RecordMetadata } from '../types/collection.ts'
import type { EncryptedEnvelope } from '../types/store.ts'
import { Slices } from '../transaction/slices.ts'
import { PartitionBodyWriter } from './body-format.ts'
import { chooseCompression } from './compression.ts'
import { readClosure, type Closure } from './closure.ts'
import { encodeContainer } from './container.ts'
import type { TransferSeal } from './header.ts'
import { countIds } from './partition-rows.ts'
import type { PartitionState, PartitionVault } from './partition-vault.ts'

/** `onProgress` counts records. @throws PartitionExtractionError unless the caller owns the vault */
export async function extractPartition(
  vault: PartitionVault,
  options: ExtractPartitionOptions & LongWork,
): Promise<ExtractedPartition> {
  const state = vault._introspectState()
  if (state.role !== 'owner') throw new PartitionExtractionError('Only an owner extracts a part of a vault.')
  if (options.carrySchemas === true) await vault._drainPendingSchemaWrites()
  const closure = await readClosure(vault, options)
  const extraction = new Extraction(state, options, closure)
  for (const [collection, ids] of closure.closure) await extraction.addCollection(collection, ids)
  return extraction.finish()
}

class Extraction {
  readonly #state: PartitionState
  readonly #options: ExtractPartitionOptions & LongWork
  readonly #closure: Closure
  readonly #slices: Slices
  readonly #handle = generateULID()
  readonly #writer: PartitionBodyWriter
  readonly #keys = new Map<string, KeyObject>()
  readonly #schemas: Record<string, EncryptedEnvelope> = {}
  #done = 0

  constructor(state: PartitionState, options: ExtractPartitionOptions & LongWork, closure: Closure) {
    this.#state = state
    this.#options = options
    this.#closure = closure
    this.#slices = new Slices(options, countIds(closure.closure))
    const { name, userId } = state
    const exportedAt = new Date().toISOString()
    this.#writer = new PartitionBodyWriter({ vault: name, userId, handle: this.#handle, exportedAt })
  }

  async addCollection(collection: string, ids: ReadonlySet<string>): Promise<void> {
    const key = newKey()
    const keep = this.#projection(collection)
    let rows = 0
    for (const id of ids) {
      this.#done += 1
      if (this.#slices.due()) await this.#slices.pause(this.#done)
      const entry = await this.#closure.entry(collection, id)
      if (entry === null) continue
      if (rows === 0) this.#writer.startCollection(collection)
      rows += 1
      const body = keep === undefined ? entry.record : project(entry.record, keep)
      this.#writer.addRow(id, sealRow(key, entry.metadata, body))
    }
    if (rows === 0) return
    this.#keys.set(collection, key)
    if (this.#options.carrySchemas === true && keep === undefined) await this.#addSchema(collection, key)
  }

  async finish(): Promise<ExtractedPartition> {
    const transferKey = new Uint8Array(randomBytes(KEY_BYTES))
    const sealId = generateULID()
    const transferSeal: TransferSeal = { v: 1, alg: 'aes-256-gcm-pre-shared', sealId }
    const body = this.#writer.finish(this.#schemas, transferSeal, sealKeys(transferKey, this.#keys))
    const members = { handle: this.#handle, bundleKind: 'extracted-partition', transferSeal } as const
    const compression = chooseCompression(this.#options.compression)
    const bundleBytes = await encodeContainer(members, body, compression, this.#options)
    this.#options.signal?.throwIfAborted()
    return { bundleBytes, transferKey, sealId }
  }

  /** A schema names every field, so a narrowed collection travels without one. */
  async #addSchema(collection: string, key: KeyObject): Promise<void> {
    const { adapter, name } = this.#state
    const stored = await adapter.get(name, '_schemas', collection)
    if (stored === null) return
    const schema = this.#state.openEnvelope('_schemas', collection, stored)
    this.#schemas[collection] = sealRow(key, { version: stored._v, timestamp: stored._ts }, schema)
  }

  #projection(collection: string): ReadonlySet<string> | undefined {
    const all = this.#options.fieldProjection ?? {}
    if (!Object.hasOwn(all, collection)) return undefined
    return new Set(['id', ...(all[collection] ?? [])])
  }
}

/** The clear members go along unchanged and unbound: readers of this format know no associated data. */
function sealRow(key: KeyObject, clear: RecordMetadata, body: unknown): EncryptedEnvelope {
  const sealed = seal(key, JSON.stringify(body))
  return {
    _noydb: 1,
    _v: clear.version,
    _ts: clear.timestamp,
    ...(clear.by !== undefined && { _by: clear.by }),
    ...(clear.source !== undefined && { _source: clear.source }),
    ...(clear.sourceTs !== undefined && { _sourceTs: clear.sourceTs }),
    _iv: sealed.iv,
    _data: sealed.data,
  }
}

function project(body: unknown, keep: ReadonlySet<string>): unknown {
  if (typeof body !== 'object' || body === null)
    throw new PartitionExtractionError('Only objects have fields.')
  return Object.fromEntries(Object.entries(body).filter(([field]) => keep.has(field)))
}

/** Base64 of a JSON map, collection -> base64 key, under the transfer key. */
function sealKeys(transferKey: Uint8Array, keys: ReadonlyMap<string, KeyObject>): string {
  const raw = [...keys].map(([collection, key]) => [collection, key.export().toString('base64')] as const)
  return sealBytes(importKey(transferKey), JSON.stringify(Object.fromEntries(raw))).toString('base64')
}
