/** The lines, and what is aimed at. */
import { decryptExtractedPartition, extractPartition } from '@noy-db/hub/bundle'
import { invoiceId, makeInvoice } from '../lib/invoices.ts'
import type { Peer, PeerKind } from '../lib/peer.ts'
import { PEER_COLLECTION } from '../lib/reading.ts'
import { putAtOnce, putOneByOne } from '../lib/use.ts'
import { COLLECTION, type Workspace } from '../lib/workspace.ts'
import { batchOf, hubRunner, putRows, type PutRow } from './hub-runner.ts'
import { ms, times, type Line, type Runner } from './line.ts'
import { pouchBulkInsert, pouchRunner } from './pouch-runner.ts'
import { cipherCopy, sqliteBulkInsert, sqliteIndexed, sqliteReplay, sqliteRunner } from './sqlite-runner.ts'

const PUTS = 1_000

const putSome = (workspace: Workspace): Promise<void> => putOneByOne(workspace, 2 * PUTS)

/** A session that has written, with the rows in memory that are written again. */
const inUse = (use: (workspace: Workspace) => Promise<void>) => async (workspace: Workspace) => {
  await use(workspace)
  await workspace.invoices.count()
}

/** Behind whatever was there. */
const newId = (at: number): string => `new-${invoiceId(at)}`

const all = (count: number): number => count
const readAll = (peer: Peer): number => peer.readAll(PEER_COLLECTION)
const both = (make: (kind: PeerKind) => Runner) => ({ raw: make('raw'), cipher: make('cipher') })
const peers = (make: (kind: PeerKind) => Runner) => ({ ...both(make), floor: make('sealed') })

const list: Line = {
  title: 'list after open',
  aim: '130 ms',
  value: ms,
  limit: 130,
  handles: all,
  runners: {
    hub: hubRunner({ run: async ({ invoices }) => (await invoices.list()).length }),
    ...peers((kind) => sqliteRunner(kind, readAll)),
    pouch: pouchRunner(async (db) => {
      const { rows } = await db.allDocs({ include_docs: true })
      return rows.filter(({ doc }) => doc !== undefined).length
    }),
  },
}

const putMany: Line = {
  title: 'putMany',
  aim: "2x SQLCipher's bulk insert",
  value: (row) => times(row, 'cipher'),
  limit: 2,
  handles: all,
  runners: {
    hub: hubRunner({ filled: false, warm: putAtOnce, rows: putRows, run: putEverything }),
    ...peers(sqliteBulkInsert),
    pouch: pouchBulkInsert(),
  },
}

async function putEverything(
  { invoices }: Workspace,
  count: number,
  rows: readonly PutRow[] = putRows(count),
): Promise<number> {
  await invoices.putMany(rows)
  return invoices.count()
}

const putOne: Line = {
  title: `${PUTS} puts, one after the other`,
  aim: '1.4x raw autocommit',
  value: (row) => times(row, 'raw'),
  limit: 1.4,
  handles: () => PUTS,
  runners: {
    hub: hubRunner({ warm: inUse(putSome), run: putEach }),
    ...peers((kind) => sqliteRunner(kind, insertEach)),
    pouch: pouchRunner(async (db) => {
      for (let at = 0; at < PUTS; at += 1) await db.put({ ...makeInvoice(at), _id: newId(at) })
      return PUTS
    }),
  },
}

async function putEach({ invoices }: Workspace): Promise<number> {
  for (let at = 0; at < PUTS; at += 1) await invoices.put(newId(at), makeInvoice(at))
  return PUTS
}

function insertEach(peer: Peer): number {
  for (let at = 0; at < PUTS; at += 1) peer.fill(PEER_COLLECTION, [{ ...makeInvoice(at), id: newId(at) }])
  return PUTS
}

const changed = { ...makeInvoice(7), status: 'sent' }

const firstPut: Line = {
  title: 'first put after reopening, large',
  aim: '5 ms at any size',
  value: ms,
  limit: 5,
  anySize: true,
  handles: () => 1,
  runners: {
    hub: hubRunner({ large: true, run: putFirst }),
    ...peers((kind) =>
      sqliteRunner(kind, (peer) => {
        peer.fill(PEER_COLLECTION, [changed])
        return 1
      }),
    ),
  },
}

async function putFirst({ invoices }: Workspace): Promise<number> {
  await invoices.put(changed.id, changed)
  return 1
}

const indexed: Line = {
  title: 'indexed ==, 10 rows, cold',
  aim: '2 ms',
  value: ms,
  limit: 2,
  anySize: true,
  handles: () => 10,
  runners: {
    hub: hubRunner({
      large: true,
      indexes: ['batch'],
      run: async ({ invoices }, count) =>
        (
          await invoices
            .query()
            .where('batch', '==', batchOf(count / 2))
            .run()
        ).length,
    }),
    ...both(sqliteIndexed),
  },
}

const bundle: Line = {
  title: 'extract and decrypt a bundle',
  aim: '250 ms',
  value: ms,
  limit: 250,
  handles: all,
  runners: {
    hub: hubRunner({ run: sendAndRead }),
    cipher: cipherCopy(),
  },
}

async function sendAndRead({ vault }: Workspace): Promise<number> {
  const seeds = { [COLLECTION]: () => true }
  const { bundleBytes, transferKey } = await extractPartition(vault, { seeds, bodyFormat: 2 })
  const read = await decryptExtractedPartition(bundleBytes, transferKey)
  return read[COLLECTION]?.length ?? 0
}

const changedRows = (count: number): PutRow[] => putRows(count, 'sent again')

const insertKept: Line = {
  title: 'putMany, history and audit',
  aim: '1.5x raw, the same rows',
  value: (row) => times(row, 'raw'),
  limit: 1.5,
  handles: all,
  runners: {
    hub: hubRunner({ kept: true, filled: false, warm: putAtOnce, rows: putRows, run: putEverything }),
    ...peers((kind) => sqliteReplay(kind, { write: putEverything })),
  },
}

const updateKept: Line = {
  ...insertKept,
  title: 'putMany of updates, history and audit',
  runners: {
    hub: hubRunner({
      kept: true,
      warm: inUse(putAtOnce),
      rows: changedRows,
      run: putEverything,
    }),
    ...peers((kind) =>
      sqliteReplay(kind, {
        before: putEverything,
        write: (workspace, count) => putEverything(workspace, count, changedRows(count)),
      }),
    ),
  },
}

const putOneKept: Line = {
  ...insertKept,
  title: `${PUTS} puts, one after the other, history and audit`,
  handles: () => PUTS,
  runners: {
    hub: hubRunner({ kept: true, warm: inUse(putSome), run: putEach }),
    ...peers((kind) => sqliteReplay(kind, { before: putEverything, write: putEach, handles: PUTS })),
  },
}

export const lines: readonly Line[] = [
  list,
  putMany,
  putOne,
  firstPut,
  indexed,
  bundle,
  putOneKept,
  insertKept,
  updateKept,
]
