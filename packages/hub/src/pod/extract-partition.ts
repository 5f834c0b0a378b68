/**
 * A part of a vault, re-encrypted for someone without access to the vault: every collection under a new
 * key, those keys under a transfer key that travels by another way. The source is only read.
 */
import { randomBytes } from 'node:crypto'
import { importKey, KEY_BYTES } from '../crypto/aead.ts'
import { PartitionExtractionError, ValidationError } from '../errors.ts'
import { generateULID } from '../ids.ts'
import { limits } from '../limits.ts'
import { Slices } from '../transaction/slices.ts'
import type { ExtractedPartition, ExtractPartitionOptions, PackPartitionOptions } from '../types/bundle.ts'
import type { LongWork } from '../types/collection.ts'
import { Body1Writer } from './body-1/write.ts'
import { Body2Writer } from './body-2/write.ts'
import { chooseCompression } from './compression.ts'
import { readClosure, type Closure } from './closure.ts'
import { encodeContainer } from './container.ts'
import type { PartitionHead, PartitionWriter, SchemaRow } from './partition.ts'
import { countIds } from './partition-rows.ts'
import type { PartitionState, PartitionVault } from './partition-vault.ts'
import { NAME_CHARS } from './row-rules.ts'

type Options = PackPartitionOptions & LongWork

/**
 * `onProgress` counts records.
 * @throws PartitionExtractionError unless the caller owns the vault, or for more than a bundle takes; ValidationError
 */
export async function extractPartition(
  vault: PartitionVault,
  options: ExtractPartitionOptions & LongWork,
): Promise<ExtractedPartition> {
  assertExtractable(vault, options)
  return packClosure(vault, await readClosure(vault, options), options)
}

/** Packs a closure that was walked before, with the records as they were read then. Throws as `extractPartition` does. */
export async function packClosure(
  vault: PartitionVault,
  closure: Closure,
  options: Options,
): Promise<ExtractedPartition> {
  const state = assertExtractable(vault, options)
  if (options.carrySchemas === true) await vault._drainPendingSchemaWrites()
  const count = countIds(closure.closure)
  if (count > limits.bundleRecords)
    throw new PartitionExtractionError(`A bundle takes ${limits.bundleRecords} records, not ${count}.`)
  const transferKey = new Uint8Array(randomBytes(KEY_BYTES))
  const head = newHead(state, options, transferKey)
  const writer = options.bodyFormat === 2 ? new Body2Writer(head) : new Body1Writer(head)
  const extraction = new Extraction(state, options, closure, writer)
  for (const [collection, ids] of closure.closure) await extraction.addCollection(collection, ids)
  return { bundleBytes: await pack(head, writer, options), transferKey, sealId: head.sealId }
}

function assertExtractable(vault: PartitionVault, options: Options): PartitionState {
  const state = vault._introspectState()
  if (state.role !== 'owner') throw new PartitionExtractionError('Only an owner extracts a part of a vault.')
  assertFormat(options)
  return state
}

function assertFormat({ exchangeId, ...options }: Options): void {
  const bodyFormat: number = options.bodyFormat ?? 1
  if (bodyFormat !== 1 && bodyFormat !== 2) throw new ValidationError('A body is of format 1 or 2.')
  if (exchangeId === undefined) return
  if (bodyFormat === 1) throw new ValidationError('A body of format 1 cannot be bound to an exchange.')
  if (exchangeId === '' || exchangeId.length > NAME_CHARS)
    throw new ValidationError(`An exchange id has 1 to ${NAME_CHARS} characters.`)
}

function newHead(state: PartitionState, options: Options, transferKey: Uint8Array): PartitionHead {
  return {
    vault: state.name,
    userId: state.userId,
    exportedAt: new Date().toISOString(),
    handle: generateULID(),
    sealId: generateULID(),
    exchangeId: options.exchangeId ?? null,
    transferKey: importKey(transferKey),
    compression: chooseCompression(options.compression),
  }
}

async function pack(
  { handle, sealId }: PartitionHead,
  writer: PartitionWriter,
  options: Options,
): Promise<Uint8Array> {
  const transferSeal = { v: 1, alg: 'aes-256-gcm-pre-shared', sealId } as const
  const { body, compression } = await writer.finish(options.signal)
  const members = { handle, bundleKind: 'extracted-partition', transferSeal } as const
  const bundleBytes = await encodeContainer(members, body, compression, options)
  options.signal?.throwIfAborted()
  return bundleBytes
}

class Extraction {
  readonly #state: PartitionState
  readonly #options: Options
  readonly #closure: Closure
  readonly #writer: PartitionWriter
  readonly #slices: Slices
  #done = 0

  constructor(state: PartitionState, options: Options, closure: Closure, writer: PartitionWriter) {
    this.#state = state
    this.#options = options
    this.#closure = closure
    this.#writer = writer
    this.#slices = new Slices(options, countIds(closure.closure))
  }

  /** A collection of which no record is there any more leaves no trace. */
  async addCollection(collection: string, ids: ReadonlySet<string>): Promise<void> {
    const keep = this.#projection(collection)
    let started = false
    for (const id of ids) {
      this.#done += 1
      if (this.#slices.due()) await this.#slices.pause(this.#done)
      const entry = this.#closure.records.known(collection, id) ?? null
      if (entry === null) continue
      if (!started) this.#writer.startCollection(collection, await this.#schema(collection, keep))
      started = true
      this.#writer.addRow(id, entry.metadata, keep === undefined ? entry.record : project(entry.record, keep))
    }
  }

  /** A schema names every field, so a narrowed collection travels without one. */
  async #schema(collection: string, keep: ReadonlySet<string> | undefined): Promise<SchemaRow | null> {
    if (this.#options.carrySchemas !== true || keep !== undefined) return null
    const { adapter, name } = this.#state
    const stored = await adapter.get(name, '_schemas', collection)
    if (stored === null) return null
    const body = this.#state.openEnvelope('_schemas', collection, stored)
    return { clear: { version: stored._v, timestamp: stored._ts }, body }
  }

  #projection(collection: string): ReadonlySet<string> | undefined {
    const all = this.#options.fieldProjection ?? {}
    if (!Object.hasOwn(all, collection)) return undefined
    return new Set(['id', ...(all[collection] ?? [])])
  }
}

function project(body: unknown, keep: ReadonlySet<string>): unknown {
  if (typeof body !== 'object' || body === null)
    throw new PartitionExtractionError('Only objects have fields.')
  return Object.fromEntries(Object.entries(body).filter(([field]) => keep.has(field)))
}
