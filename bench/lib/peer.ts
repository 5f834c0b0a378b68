/**
 * The peers: one table in one file, on the main thread, nothing between the bench and SQLite. `sealed` adds bare AES-256-GCM
 * per body with a reused KeyObject: the floor of any store that encrypts each record.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import Sqlite from 'better-sqlite3'
import CipherSqlite from 'better-sqlite3-multiple-ciphers'
import type { Durability } from './bench.ts'
import type { PeerOp, Transactions } from './recorded.ts'

const IV_BYTES = 12
const TAG_BYTES = 16
/** The same in every process: what one fills another reads. */
const key = createSecretKey(Buffer.alloc(32, 'a key for the benches'))

export type PeerKind = 'raw' | 'cipher' | 'sealed'

export const peerNames: Record<PeerKind, string> = {
  raw: 'better-sqlite3',
  cipher: 'SQLCipher (whole file)',
  sealed: 'better-sqlite3 + AES-GCM',
}

/** The body is a Buffer where it was sealed, and text elsewhere. */
interface StoredRow {
  readonly id: string
  readonly body: string | Buffer
}

export class Peer {
  readonly #db: Sqlite.Database
  readonly #sealed: boolean
  readonly #put
  readonly #delete
  readonly #copy
  readonly #get
  readonly #all

  constructor(file: string, kind: PeerKind, durability: Durability) {
    const db = openFile(file, kind, durability)
    this.#db = db
    this.#sealed = kind === 'sealed'
    this.#put = db.prepare<[string, string, number, string, string | Buffer]>(
      `INSERT INTO records VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET v = excluded.v, ts = excluded.ts, body = excluded.body`,
    )
    this.#delete = db.prepare<[string, string]>('DELETE FROM records WHERE collection = ? AND id = ?')
    this.#copy = db.prepare<[string, string, string, string]>(
      'INSERT OR REPLACE INTO records SELECT ?, ?, v, ts, body FROM records WHERE collection = ? AND id = ?',
    )
    const rows = 'SELECT id, body FROM records WHERE collection = ?'
    this.#get = db.prepare<[string, string], StoredRow>(`${rows} AND id = ?`)
    this.#all = db.prepare<[string], StoredRow>(rows)
  }

  /** A transaction of one row commits by itself, as autocommit does. */
  replay(transactions: Transactions): void {
    for (const ops of transactions) {
      if (ops.length === 1) this.#apply(ops)
      else this.#db.transaction(() => this.#apply(ops)).immediate()
    }
  }

  /** Version 1 of each record. */
  fill(collection: string, records: readonly { readonly id: string }[]): void {
    const ts = '2026-01-01T00:00:00.000Z'
    const put = (record: { readonly id: string }): PeerOp => ({
      op: 'put',
      collection,
      id: record.id,
      v: 1,
      ts,
      body: JSON.stringify(record),
    })
    this.replay([records.map(put)])
  }

  /** How many records there are, each made into an object. */
  readAll(collection: string): number {
    const rows = this.#all.all(collection)
    for (const row of rows) record(row)
    return rows.length
  }

  get(collection: string, id: string): unknown {
    const row = this.#get.get(collection, id)
    return row === undefined ? undefined : record(row)
  }

  /** Every record of a collection, opened, changed, sealed and put back, in one transaction. */
  rewrite(collection: string, change: (record: Record<string, unknown>) => unknown): void {
    const ts = new Date().toISOString()
    this.#db
      .transaction(() => {
        const ops = this.#all.all(collection).map((row): PeerOp => {
          const body = JSON.stringify(change(record(row) as Record<string, unknown>)) // what fill wrote
          return { op: 'put', collection, id: row.id, v: 2, ts, body }
        })
        this.#apply(ops)
      })
      .immediate()
  }

  close(): void {
    this.#db.close()
  }

  #apply(ops: readonly PeerOp[]): void {
    for (const op of ops) {
      const { collection, id } = op
      if (op.op === 'put') this.#put.run(collection, id, op.v, op.ts, this.#sealed ? seal(op.body) : op.body)
      else if (op.op === 'copy') this.#copy.run(op.to.collection, op.to.id, collection, id)
      else this.#delete.run(collection, id)
    }
  }
}

export function openFile(file: string, kind: PeerKind, durability: Durability): Sqlite.Database {
  const db = kind === 'cipher' ? new CipherSqlite(file) : new Sqlite(file)
  if (kind === 'cipher') {
    db.pragma("cipher = 'sqlcipher'")
    db.pragma("key = 'correct horse battery staple'")
  }
  db.pragma('journal_mode = WAL')
  db.pragma(`synchronous = ${durability}`)
  db.exec(`CREATE TABLE IF NOT EXISTS records (
    collection TEXT NOT NULL, id TEXT NOT NULL, v INTEGER NOT NULL, ts TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (collection, id)
  )`)
  return db
}

function record({ body }: StoredRow): unknown {
  return JSON.parse(typeof body === 'string' ? body : open(body))
}

function seal(text: string): Buffer {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

function open(bytes: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  return decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
}
