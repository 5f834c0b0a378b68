/**
 * Proves a snapshot: read to its end, hashed, and every envelope opened with the keys that lie in the snapshot itself, by
 * this session's user. What passes would open on a machine that has nothing but the file and the secret.
 */
import type { LongWork, NoydbApi, VaultApi } from '@noy-db/hub'
import { DecryptionError, KeyringCorruptError, TamperedError } from '@noy-db/hub'
import { isAccessRow, openFacts, openRow, type CopiedRow } from '@noy-db/hub/copy'
import { memory } from '@noy-db/hub/memory'
import { isDeepStrictEqual } from 'node:util'
import { onlySignal, pace, type Pace } from '../pace.ts'
import { invalid, totalsOf, type SnapshotFacts, type SnapshotHeader } from './format.ts'
import { readSnapshot, type SnapshotPart } from './read.ts'

export interface SnapshotProof extends SnapshotFacts {
  /** Envelopes that were opened; the others are stored in clear. */
  readonly opened: number
  readonly keyGeneration: number
  /** ISO-8601. */
  readonly verifiedAt: string
}

/**
 * Progress counts rows.
 * @throws LobbyError SNAPSHOT_INVALID | SNAPSHOT_TOO_NEW, NoAccessError and InvalidKeyError where the snapshot is not this user's to open
 */
export async function verifyShardSnapshot(
  file: string,
  { db }: { readonly db: NoydbApi },
  work?: LongWork,
): Promise<SnapshotProof> {
  const keys = memory()
  const session = db.over(keys)
  try {
    const proving = new Proving(session, keys, pace(onlySignal(work)))
    let refused: Error | null = null
    for await (const part of readSnapshot(file, work)) {
      // Read on: a file that was changed is called that, not a wrong key.
      refused ??= await failureOf(() => proving.take(part))
    }
    if (refused !== null) throw refused
    const proof = await proving.proof()
    work?.onProgress?.(proof.rows, proof.rows)
    return proof
  } catch (error) {
    throw asInvalid(error)
  } finally {
    session.close()
  }
}

class Proving {
  readonly #session: NoydbApi
  readonly #keys: ReturnType<typeof memory>
  readonly #slices: Pace
  #header: SnapshotHeader | null = null
  #vault: VaultApi | null = null
  /** Rows that came before the keys were complete. */
  #early: CopiedRow[] = []
  #opened = 0
  #end: Extract<SnapshotPart, { trailer: unknown }> | null = null

  constructor(session: NoydbApi, keys: ReturnType<typeof memory>, slices: Pace) {
    this.#session = session
    this.#keys = keys
    this.#slices = slices
  }

  async take(part: SnapshotPart): Promise<void> {
    if ('header' in part) this.#header = part.header
    else if ('rows' in part) for (const row of part.rows) await this.#takeRow(row)
    else this.#end = part
  }

  async proof(): Promise<SnapshotProof> {
    const header = this.#header
    if (header === null || this.#end === null) throw invalid('it was cut short')
    const vault = this.#vault ?? (await this.#open())
    const totals = totalsOf(this.#end.trailer)
    if (!isDeepStrictEqual(openFacts(vault, header.id, this.#end.trailer.seal), totals))
      throw invalid('its vault sealed something else')
    const { keyGeneration } = vault._introspectState()
    const proved = { opened: this.#opened, keyGeneration, verifiedAt: new Date().toISOString() }
    return { ...header, ...totals, bytes: this.#end.bytes, ...proved }
  }

  async #takeRow(row: CopiedRow): Promise<void> {
    if (!isAccessRow(row.collection)) {
      this.#vault ??= await this.#open()
      return this.#openRow(this.#vault, row)
    }
    if (this.#vault !== null) throw invalid('its keys come too late')
    this.#early.push(row)
    const { vault = '' } = this.#header ?? {}
    await this.#keys.put(vault, row.collection, row.id, row.envelope)
  }

  async #open(): Promise<VaultApi> {
    const { vault: name = '', vaultUlid } = this.#header ?? {}
    const vault = await this.#session.openVault(name, { create: false })
    if ((await vault.getBundleHandle()) !== vaultUlid) throw invalid('its header names another vault')
    for (const row of this.#early) await this.#openRow(vault, row)
    this.#early = []
    return vault
  }

  async #openRow(vault: VaultApi, row: CopiedRow): Promise<void> {
    await this.#slices.step()
    if (await openRow(vault, row)) this.#opened += 1
  }
}

async function failureOf(work: () => Promise<void>): Promise<Error | null> {
  try {
    await work()
    return null
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function asInvalid(error: unknown): unknown {
  const isDamage =
    error instanceof TamperedError || error instanceof DecryptionError || error instanceof KeyringCorruptError
  return isDamage ? invalid(error.message.replace(/\.$/, ''), error) : error
}
