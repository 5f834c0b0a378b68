/**
 * What does it cost to bring 200 shards of 500 records from version 1 to 3? Ours reads, transforms, validates, seals and writes each
 * shard behind its fence; the floor does what no encrypted store can leave out: the same transform in bare SQLite
 * transactions, one for each client, with AES-GCM.
 */
import { coordinatedCutover, createNoydb } from '@noy-db/hub'
import { createLobby, type VaultTemplate } from '@klum-db/lobby'
import { sqliteStore } from '@noy-db/to-sqlite'
import { z } from 'zod'
import type { Report, Settings } from './lib/bench.ts'
import { makeInvoice } from './lib/invoices.ts'
import { collectGarbage, median, timed, type Taken } from './lib/measure.ts'
import { Peer } from './lib/peer.ts'
import { ms, ratio, row } from './lib/print.ts'
import { copyOf, removeFile, scratchFile } from './lib/scratch.ts'
import { CHEAP_KDF, SECRET } from './lib/workspace.ts'

const SHARDS = 200
const RECORDS = 500

type Body = Record<string, unknown>

const keys = (shards: number): string[] =>
  Array.from({ length: shards }, (_, at) => `c${String(at).padStart(3, '0')}`)

function recordsOf(client: string, shard: number): Array<{ id: string; record: Body & { client: string } }> {
  return Array.from({ length: RECORDS }, (_, at) => {
    const record = { ...makeInvoice(shard * RECORDS + at), client }
    return { id: record.id, record }
  })
}

const text = z.string()
const common = {
  id: text,
  client: text,
  number: text,
  customerId: text,
  issuedOn: text,
  dueOn: text,
  memo: text,
}
const amounts = { netMinor: z.int(), taxMinor: z.int(), totalMinor: z.int() }
const v1 = z.object({ ...common, ...amounts, currency: text, status: text })
const v3 = z.object({
  ...common,
  status: z.enum(['open', 'settled']),
  amount: z.object({ ...amounts, currency: text }),
})

/** Version 2 gathers the amounts, version 3 renames the states. */
function toThree({ netMinor, taxMinor, totalMinor, currency, status, ...rest }: Body): Body {
  const amount = { netMinor, taxMinor, totalMinor, currency }
  return { ...rest, amount, status: status === 'paid' ? 'settled' : 'open' }
}

const templates: Readonly<Record<1 | 3, VaultTemplate>> = {
  1: {
    version: 1,
    configure: (vault) => void vault.collection('invoices', { schema: v1, persistJsonSchema: true }),
  },
  3: {
    version: 3,
    configure: (vault) =>
      void vault.collection('invoices', {
        schema: v3,
        persistJsonSchema: true,
        schemaUpdate: [coordinatedCutover({ transform: toThree })],
      }),
  },
}

/** With history and audit, as the console has it, or without. */
async function openFirm(file: string, version: 1 | 3, kept: boolean) {
  const store = await sqliteStore({ file, durability: 'normal' })
  const db = await createNoydb({
    store,
    user: 'bench',
    secret: SECRET,
    kdf: CHEAP_KDF,
    history: kept,
    audit: kept,
  })
  const lobby = createLobby(db)
  lobby.withVaultTemplate('books', templates[version])
  const sharding = { keyOf: ({ client }: { client: string }) => client, vaultTemplate: 'books' }
  const group = await lobby.openVaultGroup<Body & { client: string }>('firm', { sharding })
  const close = async (): Promise<void> => {
    db.close()
    await store.close()
  }
  return { group, close }
}

async function filledFile(shards: number): Promise<string> {
  const file = scratchFile()
  const { group, close } = await openFirm(file, 1, false)
  for (const [at, key] of keys(shards).entries()) {
    const shard = await group.createShard(key)
    await shard.collection('invoices').putMany(recordsOf(key, at))
    await shard._drainPendingSchemaWrites()
  }
  await close()
  return file
}

function filledPeer(shards: number): string {
  const file = scratchFile()
  const peer = new Peer(file, 'sealed', 'NORMAL')
  for (const [at, key] of keys(shards).entries())
    peer.fill(
      key,
      recordsOf(key, at).map(({ record, id }) => ({ ...record, id })),
    )
  peer.close()
  return file
}

async function ours(file: string, shards: number, kept: boolean): Promise<Taken> {
  const copy = copyOf(file)
  const { group, close } = await openFirm(copy, 3, kept)
  collectGarbage()
  const taken = await timed(async () => {
    const { migrated } = await group.migrateFleet()
    if (migrated.length !== shards) throw new Error(`${migrated.length} of ${shards} shards were migrated.`)
  })
  await close()
  removeFile(copy)
  return taken
}

async function floor(file: string, shards: number): Promise<Taken> {
  const copy = copyOf(file)
  const peer = new Peer(copy, 'sealed', 'NORMAL')
  collectGarbage()
  const taken = await timed(() => keys(shards).forEach((key) => peer.rewrite(key, toThree)))
  peer.close()
  removeFile(copy)
  return taken
}

const widths = [44, 10, 9, 10, 9]

async function lines({ runs }: Settings): Promise<string[]> {
  const few = await filledFile(SHARDS / 10)
  const [many, bare] = [await filledFile(SHARDS), filledPeer(SHARDS)]
  const times = new Map<string, Taken[]>()
  const add = (name: string, taken: Taken): unknown => times.set(name, [...(times.get(name) ?? []), taken])
  for (let round = 0; round < runs; round += 1) {
    add('floor: SQLite and AES-GCM', await floor(bare, SHARDS))
    add('200 shards', await ours(many, SHARDS, false))
    add('200 shards, history and audit', await ours(many, SHARDS, true))
    add('20 shards', await ours(few, SHARDS / 10, false))
  }
  const of = (name: string, kind: keyof Taken): number =>
    median((times.get(name) ?? []).map((taken) => taken[kind]))
  const base = (kind: keyof Taken): number => of('floor: SQLite and AES-GCM', kind)
  return [
    row(['v1 to v3', 'wall (ms)', 'x floor', 'cpu (ms)', 'x floor'], widths),
    ...[...times.keys()].map((name) => {
      const [wall, cpu] = [of(name, 'wall'), of(name, 'cpu')]
      const share = name === '20 shards' ? 0.1 : 1
      const cells = [ms(wall), ratio(wall, base('wall') * share), ms(cpu), ratio(cpu, base('cpu') * share)]
      return row([name, ...cells], widths)
    }),
  ]
}

export const federationMigration: Report = {
  title: 'Federation: migrating a group of 200 shards with 500 records each',
  lines,
}
