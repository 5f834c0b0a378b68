/** Writes a snapshot, complete on disk before it takes its name. */
import { generateULID, type LongWork, type VaultApi } from '@noy-db/hub'
import { readVault, sealFacts, type CopiedRow } from '@noy-db/hub/copy'
import { isolateAsync } from '@noy-db/hub/kernel'
import { createHash } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { canonicalJson } from '../canonical-json.ts'
import { LobbyError } from '../errors.ts'
import { pace } from '../pace.ts'
import {
  SNAPSHOT_FORMAT,
  snapshotLimits,
  type SnapshotFacts,
  type SnapshotHeader,
  type SnapshotTotals,
} from './format.ts'

const FLUSH_BYTES = 256 * 1024

/**
 * The vault as it stands, in a file of that name, which it replaces; nobody writes to the vault meanwhile. Progress counts
 * rows. @throws LobbyError SNAPSHOT_NOT_WRITTEN (no space, no such folder), NoAccessError for a role that does not read everything
 */
export async function writeShardSnapshot(
  vault: VaultApi,
  file: string,
  work: LongWork = {},
): Promise<SnapshotFacts> {
  const partial = `${file}.partial`
  const header = await headerOf(vault)
  try {
    await rm(partial, { force: true })
    const facts = await writePartial(partial, vault, header, work)
    await rename(partial, file)
    await syncFolder(dirname(file))
    return facts
  } catch (error) {
    await isolateAsync(`Removing ${partial}`, () => rm(partial, { force: true }))
    throw asFailure(error, file)
  }
}

async function writePartial(
  partial: string,
  vault: VaultApi,
  header: SnapshotHeader,
  work: LongWork,
): Promise<SnapshotFacts> {
  const handle = await open(partial, 'wx', 0o600)
  try {
    const facts = await writeInto(handle, vault, header, work)
    await handle.sync()
    return facts
  } finally {
    await handle.close()
  }
}

async function headerOf(vault: VaultApi): Promise<SnapshotHeader> {
  return {
    format: 'lobby-snapshot',
    version: SNAPSHOT_FORMAT,
    id: generateULID(),
    vault: vault.name,
    vaultUlid: await vault.getBundleHandle(),
    createdAt: new Date().toISOString(),
    createdBy: vault.userId,
  }
}

async function writeInto(
  handle: FileHandle,
  vault: VaultApi,
  header: SnapshotHeader,
  work: LongWork,
): Promise<SnapshotFacts> {
  const total = (await vault._introspectState().adapter.stats?.(vault.name))?.records ?? 0
  const lines = new Lines(handle)
  await lines.add(JSON.stringify(header))
  const slices = pace(work)
  await readVault(vault, async (pages) => {
    for await (const page of pages) {
      for (const row of page) {
        await lines.addRow(row)
        await slices.step(lines.rows, total)
      }
    }
  })
  const totals = await lines.totals()
  await lines.add(JSON.stringify({ ...totals, seal: sealFacts(vault, header.id, totals) }))
  const bytes = await lines.flush()
  work.onProgress?.(totals.rows, totals.rows)
  return { ...header, ...totals, bytes }
}

class Lines {
  readonly #handle: FileHandle
  readonly #hash = createHash('sha256')
  readonly #collections = new Map<string, number>()
  #waiting: string[] = []
  #length = 0
  #bytes = 0
  rows = 0

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async addRow({ collection, id, envelope }: CopiedRow): Promise<void> {
    this.rows += 1
    if (this.rows > snapshotLimits.snapshotRows)
      throw new RangeError('A vault of so many rows is not copied.')
    this.#collections.set(collection, (this.#collections.get(collection) ?? 0) + 1)
    await this.add(canonicalJson([collection, id, envelope]))
  }

  async add(line: string): Promise<void> {
    this.#waiting.push(line, '\n')
    this.#length += line.length
    if (this.#length >= FLUSH_BYTES) await this.flush()
  }

  /** Of everything so far. */
  async totals(): Promise<SnapshotTotals> {
    await this.flush()
    const collections = Object.fromEntries(this.#collections)
    return { rows: this.rows, collections, sha256: this.#hash.copy().digest('hex') }
  }

  /** Gives how many bytes the file has. */
  async flush(): Promise<number> {
    const bytes = Buffer.from(this.#waiting.join(''))
    this.#waiting = []
    this.#length = 0
    this.#hash.update(bytes)
    await this.#handle.writeFile(bytes) // from where the last one ended
    this.#bytes += bytes.length
    return this.#bytes
  }
}

/** Makes the new name durable; Windows has no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Errors of the file system get our code; those of the vault and an abort stay what they are. */
function asFailure(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error
  const message = `The snapshot ${file} could not be written. Check the place and its free space.`
  return new LobbyError('SNAPSHOT_NOT_WRITTEN', message, { cause: error })
}
