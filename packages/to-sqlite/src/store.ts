import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { NoydbStore } from '@noy-db/hub/store'
import { HostClient } from './client/host-client.ts'
import { readIds, readMany, readPage, readVault } from './client/pages.ts'
import { startProcess } from './client/process-transport.ts'
import { replaceVault, runTransaction, streamTransaction } from './client/slices.ts'
import { startWorker } from './client/worker-transport.ts'
import { readEnvelope, pushEnvelope } from './envelope.ts'
import type { Cell, StoreFaults } from './host/protocol.ts'
import { checkName } from './ops.ts'
import { statsOf } from './stats.ts'

export interface SqliteStoreOptions {
  /** The workspace file. Its folder must exist. */
  readonly file: string
  /** False refuses to make a new file. Default true. */
  readonly create?: boolean
  /** Where SQLite runs. Default: a worker thread, or a process where this runtime's Node-API is below 10. */
  readonly host?: 'worker' | 'process'
  /** The storage host's entry when bundled. Default: the source beside this file. */
  readonly entry?: string | URL
  /** The Node 24 binary for `host: 'process'`. Default: this runtime, or `node` under Electron. */
  readonly execPath?: string
  /** `full` (default) survives a power cut; `normal` may lose the last commits to one, never the file. */
  readonly durability?: 'full' | 'normal'
  /** Data-residency label. */
  readonly region?: string
  /** Who opens it, for the sentence another opener gets. */
  readonly owner?: string
  /** Tests only. */
  readonly faults?: StoreFaults
}

/** The whole port, every optional call included, and what one file adds. */
export interface SqliteStore extends Required<NoydbStore> {
  readonly host: 'worker' | 'process'
  /** What SQLite finds wrong with the file; empty when it is sound. */
  integrityCheck(): Promise<string[]>
  /** A compact copy of the whole file, complete or not there. Replaces a file of that name. */
  backupTo(path: string): Promise<void>
  /** After the calls before it. Releases the file; later calls reject with `STORE_CLOSED`. */
  close(): Promise<void>
}

/** Opens a workspace file, or makes one. @throws SqliteStoreError */
export async function sqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const host = options.host ?? (Number(process.versions.napi) < 10 ? 'process' : 'worker')
  const client = startHost(options, host)
  try {
    await client.ready
    await client.call('open', {
      file: resolve(options.file),
      create: options.create ?? true,
      durability: options.durability ?? 'full',
      owner: options.owner ?? 'the console',
      ...(options.faults === undefined ? {} : { faults: options.faults }),
    })
  } catch (error) {
    await client.kill()
    throw error
  }
  return storeOver(client, host, options.region)
}

function startHost(options: SqliteStoreOptions, host: 'worker' | 'process'): HostClient {
  const entry = entryUrl(options.entry)
  if (host === 'worker') return new HostClient((listener) => startWorker(entry, listener))
  const execPath = options.execPath ?? ('electron' in process.versions ? 'node' : process.execPath)
  return new HostClient((listener) => startProcess(entry, execPath, listener))
}

function entryUrl(entry: string | URL | undefined): URL {
  if (entry === undefined) return new URL('./host/entry.ts', import.meta.url)
  if (entry instanceof URL) return entry
  return entry.startsWith('file:') ? new URL(entry) : pathToFileURL(entry)
}

function storeOver(client: HostClient, host: 'worker' | 'process', region: string | undefined): SqliteStore {
  let closed: Promise<void> | undefined
  return {
    name: 'sqlite',
    host,
    capabilities: {
      casAtomic: true,
      txAtomic: true,
      txCopy: true,
      idOrder: true,
      auth: { kind: 'filesystem', required: false, flow: 'static' },
      ...(region === undefined ? {} : { region }),
    },
    ...readsOf(client),
    ...writesOf(client),
    ping: () => client.call('ping').catch(() => false),
    integrityCheck: () => client.call('integrityCheck'),
    backupTo: (path) => client.alone((call) => call('backup', resolve(path))),
    close: () => (closed ??= client.close()),
  }
}

function readsOf(client: HostClient) {
  return {
    async get(vault, collection, id) {
      const cells = await client.call('get', vault, collection, id)
      return cells === null ? null : readEnvelope(cells)
    },
    getMany: (vault, collection, ids) => readMany(client, vault, collection, ids),
    list: (vault, collection) =>
      readIds(client, (call, after, limit) => call('ids', vault, collection, after, limit)),
    listSince: (vault, collection, since) =>
      readIds(client, (call, after, limit) => call('idsSince', vault, collection, since, after, limit)),
    listPage: (vault, collection, cursor, limit = 100) =>
      readPage(client, { vault, collection }, cursor, limit),
    listByToken: (vault, collection, tokens, cursor, limit = 100) =>
      readPage(client, { vault, collection, tokens }, cursor, limit),
    listVaults: () => client.call('vaults'),
    listCollections: (vault) => client.call('collections', vault),
    loadAll: (vault) => readVault(client, vault),
    stats: async (vault) => statsOf(await client.call('stats', vault)),
  } satisfies Partial<SqliteStore>
}

function writesOf(client: HostClient) {
  return {
    async put(vault, collection, id, envelope, expectedVersion) {
      checkName(vault, collection, id)
      const cells: Cell[] = []
      pushEnvelope(cells, envelope)
      return client.call('put', vault, collection, id, expectedVersion ?? null, cells)
    },
    delete: (vault, collection, id) => client.call('delete', vault, collection, id),
    tx: (ops) => runTransaction(client, ops),
    txStream: (batches) => streamTransaction(client, batches),
    saveAll: (vault, data) => replaceVault(client, vault, data),
  } satisfies Partial<SqliteStore>
}
