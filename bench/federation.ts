/**
 * What does a firm of 200 clients with 500 records each cost? Ours is a group over SQLite; the peer is one table with an index on
 * the client, in the same run, holding plain text.
 */
import { createNoydb, type Noydb } from '@noy-db/hub'
import { avg, count, sum } from '@noy-db/hub/aggregate'
import { createLobby, type VaultGroup } from '@klum-db/lobby'
import { sqliteStore, type SqliteStore } from '@noy-db/to-sqlite'
import Sqlite from 'better-sqlite3'
import type { Report, Settings } from './lib/bench.ts'
import { makeInvoice, type Invoice } from './lib/invoices.ts'
import { collectGarbage, median, timed, type Taken } from './lib/measure.ts'
import { ms, ratio, row } from './lib/print.ts'
import { copyOf, removeFile, scratchFile } from './lib/scratch.ts'
import { CHEAP_KDF, SECRET } from './lib/workspace.ts'

const SHARDS = 200
const RECORDS = 500

interface Client extends Invoice {
  readonly client: string
}

interface Firm {
  readonly store: SqliteStore
  readonly db: Noydb
  readonly group: VaultGroup<Client>
  close(): Promise<void>
}

interface FirmOptions {
  readonly large?: boolean
}

const keys = (shards: number): string[] =>
  Array.from({ length: shards }, (_, at) => `c${String(at).padStart(3, '0')}`)

function rowsOf(shards: number) {
  return keys(shards).flatMap((client, shard) =>
    Array.from({ length: RECORDS }, (_, at) => {
      const record: Client = { ...makeInvoice(shard * RECORDS + at), client }
      return { id: record.id, record }
    }),
  )
}

async function openFirm(file: string, { large = false }: FirmOptions = {}): Promise<Firm> {
  const store = await sqliteStore({ file, durability: 'normal' })
  const db = await createNoydb({ store, user: 'bench', secret: SECRET, kdf: CHEAP_KDF })
  const lobby = createLobby(db)
  lobby.withVaultTemplate('books', {
    version: 1,
    configure: (vault) => void vault.collection('invoices', { large }),
  })
  const sharding = { keyOf: ({ client }: Client) => client, vaultTemplate: 'books' }
  const group = await lobby.openVaultGroup<Client>('firm', { sharding })
  return {
    store,
    db,
    group,
    async close() {
      db.close()
      await store.close()
    },
  }
}

async function filledFile(shards: number): Promise<string> {
  const file = scratchFile()
  const firm = await openFirm(file)
  for (const key of keys(shards)) await firm.group.createShard(key)
  await firm.group.collection('invoices').putMany(rowsOf(shards), { atomic: 'shard' })
  await firm.close()
  return file
}

function peerFile(shards: number): Sqlite.Database {
  const db = new Sqlite(scratchFile())
  db.pragma('journal_mode = WAL')
  db.exec('CREATE TABLE invoices (client TEXT, id TEXT, body TEXT, PRIMARY KEY (client, id))')
  const insert = db.prepare('INSERT INTO invoices VALUES (?, ?, ?)')
  db.transaction(() => {
    for (const { id, record } of rowsOf(shards)) insert.run(record.client, id, JSON.stringify(record))
  })()
  return db
}

const invoices = ({ group }: Firm) => group.collection('invoices')
const spec = { rows: count(), total: sum('totalMinor'), mean: avg('netMinor') }

function readAll(db: Sqlite.Database, where = ''): unknown[] {
  const texts = db.prepare<[], string>(`SELECT body FROM invoices ${where} ORDER BY client, id`).pluck().all()
  return texts.map((text): unknown => JSON.parse(text))
}

/** One timed step: ours, with what the peer does for the same answer. */
interface Step {
  readonly name: string
  ours(firm: Firm): unknown
  peer?(db: Sqlite.Database): unknown
}

/** In this order in one session: the first one fills the caches. */
const reads: readonly Step[] = [
  {
    name: 'open 200 shards after unlock',
    ours: ({ group }) => Promise.all(keys(SHARDS).map((key) => group.openShard(key))),
  },
  {
    name: 'query all 100,000, cold',
    ours: (firm) => invoices(firm).query().toArray(),
    peer: (db) => readAll(db),
  },
  {
    name: 'query all 100,000, warm',
    ours: (firm) => invoices(firm).query().toArray(),
    peer: (db) => readAll(db),
  },
  {
    name: 'query a quarter, warm',
    ours: (firm) => invoices(firm).query().where('status', '==', 'paid').toArray(),
    peer: (db) => readAll(db, "WHERE body ->> 'status' = 'paid'"),
  },
  {
    name: 'latest 50 of all, warm',
    ours: (firm) => invoices(firm).query().orderBy('issuedOn', 'desc').limit(50).toArray(),
    peer: (db) => db.prepare("SELECT body FROM invoices ORDER BY body ->> 'issuedOn' DESC LIMIT 50").all(),
  },
  {
    name: 'aggregate, warm',
    ours: (firm) => invoices(firm).query().aggregate(spec).run(),
    peer: (db) =>
      db.prepare("SELECT COUNT(*), SUM(body ->> 'totalMinor'), AVG(body ->> 'netMinor') FROM invoices").all(),
  },
  {
    name: 'grouped aggregate, warm',
    ours: (firm) => invoices(firm).query().groupBy('customerId').aggregate(spec).run(),
    peer: (db) =>
      db
        .prepare(
          "SELECT body ->> 'customerId', COUNT(*), SUM(body ->> 'totalMinor'), AVG(body ->> 'netMinor') FROM invoices GROUP BY 1",
        )
        .all(),
  },
]

/** From the write to the subscriber, with 200 shards followed. */
async function liveUpdate(firm: Firm, kind: 'rows' | 'aggregate'): Promise<Taken> {
  const query = invoices(firm).query()
  const live = kind === 'rows' ? query.live() : query.aggregate(spec).live()
  await live.ready
  const [first] = rowsOf(1)
  if (first === undefined) throw new Error('There is no record to change.')
  const taken = await timed(async () => {
    const told = new Promise<void>((resolve) => live.subscribe(resolve))
    await invoices(firm).put(first.id, { ...first.record, totalMinor: Math.floor(Math.random() * 1e6) })
    await told
  })
  live.stop()
  return taken
}

/** The most MiB of heap held, garbage aside, while an aggregate goes over a collection that is never cached. */
async function heapOfAggregate(file: string): Promise<number> {
  const firm = await openFirm(file, { large: true })
  await invoices(firm).query().limit(1).toArray()
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  let most = before
  const onProgress = (done: number, total: number): void => {
    if (done % (total / 10) !== 0) return
    collectGarbage()
    most = Math.max(most, process.memoryUsage().heapUsed)
  }
  const { result } = await invoices(firm).query().aggregate(spec).run({ onProgress })
  await firm.close()
  if (result.rows === 0) throw new Error('There was nothing to aggregate.')
  return (most - before) / 2 ** 20
}

const widths = [34, 10, 10, 8, 10, 10, 8]

class Times {
  readonly #ours = new Map<string, Taken[]>()
  readonly #peer = new Map<string, Taken[]>()

  add(name: string, ours: Taken, peer?: Taken): void {
    this.#ours.set(name, [...(this.#ours.get(name) ?? []), ours])
    if (peer !== undefined) this.#peer.set(name, [...(this.#peer.get(name) ?? []), peer])
  }

  lines(): string[] {
    return [...this.#ours.keys()].map((name) =>
      row([name, ...this.#cells(name, 'wall'), ...this.#cells(name, 'cpu')], widths),
    )
  }

  #cells(name: string, kind: keyof Taken): string[] {
    const of = (all: readonly Taken[] = []): number => median(all.map((taken) => taken[kind]))
    const ours = of(this.#ours.get(name))
    if (!this.#peer.has(name)) return [ms(ours), '', '']
    const peer = of(this.#peer.get(name))
    return [ms(ours), ms(peer), ratio(ours, peer)]
  }
}

async function readRound(file: string, db: Sqlite.Database, times: Times): Promise<void> {
  const copy = copyOf(file)
  const firm = await openFirm(copy)
  for (const { name, ours, peer } of reads) {
    const taken = await timed(() => ours(firm))
    times.add(name, taken, peer === undefined ? undefined : await timed(() => peer(db)))
  }
  times.add('live rows after one write', await liveUpdate(firm, 'rows'))
  times.add('live aggregate after one write', await liveUpdate(firm, 'aggregate'))
  await firm.close()
  removeFile(copy)
}

async function growthLines(few: string, many: string, runs: number): Promise<string[]> {
  const [small, big]: [number[], number[]] = [[], []]
  const cold = async (file: string): Promise<number> => {
    const firm = await openFirm(file)
    const { cpu } = await timed(() => invoices(firm).query().toArray())
    await firm.close()
    return cpu
  }
  for (let round = 0; round < runs; round += 1) {
    small.push(await cold(few))
    big.push(await cold(many))
  }
  const heaps = [await heapOfAggregate(few), await heapOfAggregate(many)]
  return [
    `cold query, 20 -> 200 shards: ${ms(median(small))} -> ${ms(median(big))} ms of processor time, ${ratio(median(big), median(small))} (10x = linear)`,
    `most heap held during a large aggregate, 20 -> 200 shards: ${heaps.map((heap) => heap.toFixed(1)).join(' -> ')} MiB`,
  ]
}

async function lines({ runs }: Settings): Promise<string[]> {
  const [few, many, db] = [await filledFile(SHARDS / 10), await filledFile(SHARDS), peerFile(SHARDS)]
  const times = new Times()
  for (let round = 0; round < runs; round += 1) {
    await readRound(many, db, times)
  }
  db.close()
  return [
    row(['step', 'ours (ms)', 'peer (ms)', 'ratio', 'ours (cpu)', 'peer (cpu)', 'ratio'], widths),
    ...times.lines(),
    ...(await growthLines(few, many, runs)),
  ]
}

export const federation: Report = { title: 'Federation: a group of 200 shards with 500 records each', lines }
