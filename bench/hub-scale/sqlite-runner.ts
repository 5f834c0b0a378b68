/** SQLite as it is, and as SQLCipher: the same rows in one table. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { openFile, Peer, type PeerKind } from '../lib/peer.ts'
import type { PeerOp, Transactions } from '../lib/recorded.ts'
import { PEER_COLLECTION } from '../lib/reading.ts'
import { scratchFile } from '../lib/scratch.ts'
import { openWorkspace, type Workspace } from '../lib/workspace.ts'
import { batchOf, DURABILITY, records } from './hub-runner.ts'
import type { Runner } from './line.ts'

/** Rows are in the file before; what is done with them is timed. */
export function sqliteRunner(kind: PeerKind, run: (peer: Peer, count: number) => number): Runner {
  return {
    fill(file, count) {
      const peer = new Peer(file, kind, DURABILITY)
      peer.fill(PEER_COLLECTION, [...records(count)])
      peer.close()
    },
    prepare(file, count) {
      const peer = new Peer(file, kind, DURABILITY)
      return { run: () => run(peer, count), end: () => peer.close() }
    },
  }
}

export function sqliteBulkInsert(kind: PeerKind): Runner {
  return {
    prepare(file, count) {
      const peer = new Peer(file, kind, DURABILITY)
      const rows = [...records(count)]
      return {
        run() {
          peer.fill(PEER_COLLECTION, rows)
          return count
        },
        end: () => peer.close(),
      }
    },
  }
}

/** A column in clear, and an index on it. */
export function sqliteIndexed(kind: PeerKind): Runner {
  return {
    fill(file, count) {
      const db = openFile(file, kind, DURABILITY)
      db.exec('CREATE TABLE found (id TEXT PRIMARY KEY, batch TEXT NOT NULL, body TEXT NOT NULL)')
      db.exec('CREATE INDEX by_batch ON found (batch)')
      const insert = db.prepare<[string, string, string]>('INSERT INTO found VALUES (?, ?, ?)')
      db.transaction(() => {
        let at = 0
        for (const record of records(count)) insert.run(record.id, batchOf(at++), JSON.stringify(record))
      })()
      db.close()
    },
    prepare(file, count) {
      const db = openFile(file, kind, DURABILITY)
      return {
        run() {
          const rows = db
            .prepare<[string], string>('SELECT body FROM found WHERE batch = ?')
            .pluck()
            .all(batchOf(count / 2))
          return rows.map((body) => JSON.parse(body) as unknown).length
        },
        end: () => db.close(),
      }
    },
  }
}

interface Recorded {
  readonly before: Transactions
  readonly written: Transactions
}

type Write = (workspace: Workspace, count: number) => Promise<unknown>

/** Exactly the rows that we write with history and audit, once they have been recorded. */
export function sqliteReplay(
  kind: PeerKind,
  steps: { readonly before?: Write; readonly write: Write; readonly handles?: number },
): Runner {
  return {
    async fill(path, count) {
      const file = scratchFile()
      const record = async (write: Write | undefined): Promise<Transactions> => {
        const into: (readonly PeerOp[])[] = []
        const workspace = await openWorkspace({ file, durability: DURABILITY, kept: true, record: into })
        await write?.(workspace, count)
        await workspace.close()
        return into
      }
      const recorded: Recorded = { before: await record(steps.before), written: await record(steps.write) }
      writeFileSync(path, JSON.stringify(recorded))
    },
    prepare(path, count) {
      const { before, written } = JSON.parse(readFileSync(path, 'utf8')) as Recorded // as `fill` wrote it
      const peer = new Peer(scratchFile(), kind, DURABILITY)
      if (before.length > 0) peer.replay([before.flat()])
      return {
        run() {
          peer.replay(written)
          return steps.handles ?? count
        },
        end: () => peer.close(),
      }
    },
  }
}

/** Every row into another encrypted file under another key, and read from there: the nearest thing to a bundle. */
export function cipherCopy(): Runner {
  const rows = sqliteRunner('cipher', () => 0)
  return {
    ...rows,
    prepare(file) {
      const db = openFile(file, 'cipher', DURABILITY)
      const copy = scratchFile()
      return {
        run() {
          db.prepare('ATTACH ? AS sent KEY ?').run(copy, 'a key for the recipient')
          db.exec('CREATE TABLE sent.records AS SELECT * FROM main.records')
          db.exec('DETACH sent')
          if (!existsSync(copy)) throw new Error('Nothing was copied.')
          db.prepare('ATTACH ? AS received KEY ?').run(copy, 'a key for the recipient')
          const bodies = db.prepare<[], string>('SELECT body FROM received.records').pluck().all()
          return bodies.map((body) => JSON.parse(body) as unknown).length
        },
        end: () => db.close(),
      }
    },
  }
}
