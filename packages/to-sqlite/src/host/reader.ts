import type { Database } from 'better-sqlite3'
import { unpackBody } from './body.ts'
import type { CollectionNames } from './names.ts'
import { type Cell, type CollectionStats, envelopeCells, type RowSlice } from './protocol.ts'

type StoredCell = Cell | Buffer
const columns = 'v, ts, iv, body, author, source, source_ts, aad, extra'
const absent: readonly null[] = new Array<null>(envelopeCells).fill(null)

/** One reply must not hold up the caller's thread while it is taken apart. */
const replyRows = 1_000
const replyChars = 1_000_000

/** Rows SQLite hands over at once: stepping one by one costs half as much again. */
const readRows = 250

/** The first id a page may hold: in byte order nothing lies between a text and the same text with a NUL behind it. */
const from = (after: string | null): string => (after === null ? '' : `${after}\0`)

/** Every read. Ids are in the order of their UTF-8 bytes. */
export class Reader {
  readonly #names: CollectionNames
  readonly #sql: ReturnType<typeof prepare>

  constructor(db: Database, names: CollectionNames) {
    this.#names = names
    this.#sql = prepare(db)
  }

  get(vault: string, collection: string, id: string): readonly Cell[] | null {
    const number = this.#names.find(vault, collection)
    const row = number === undefined ? undefined : this.#sql.one.get(number, id)
    return row === undefined ? null : pushRow([], row, 0)
  }

  many(vault: string, collection: string, ids: readonly string[]): Cell[] {
    const number = this.#names.find(vault, collection)
    const cells: Cell[] = []
    for (const id of ids) {
      const row = number === undefined ? undefined : this.#sql.one.get(number, id)
      if (row === undefined) cells.push(...absent)
      else pushRow(cells, row, 0)
    }
    return cells
  }

  rows(vault: string, collection: string, after: string | null, limit: number): RowSlice {
    const number = this.#names.find(vault, collection)
    if (number === undefined) return { cells: [], more: false }
    return sliceOf(after, limit, (from, count) => this.#sql.rows.all(number, from, count))
  }

  byToken(
    vault: string,
    collection: string,
    tokens: readonly string[],
    after: string | null,
    limit: number,
  ): RowSlice {
    const number = this.#names.find(vault, collection)
    if (number === undefined) return { cells: [], more: false }
    const { oneToken, tokens: anyToken } = this.#sql
    const [first = '', ...others] = tokens
    if (others.length === 0)
      return sliceOf(after, limit, (from, count) => oneToken.all(number, first, from, count))
    const wanted = JSON.stringify(tokens)
    return sliceOf(after, limit, (from, count) => anyToken.all(number, number, wanted, from, count))
  }

  ids(vault: string, collection: string, after: string | null, limit: number): string[] {
    const number = this.#names.find(vault, collection)
    return number === undefined ? [] : this.#sql.ids.all(number, from(after), limit)
  }

  idsSince(vault: string, collection: string, since: string, after: string | null, limit: number): string[] {
    const number = this.#names.find(vault, collection)
    return number === undefined ? [] : this.#sql.idsSince.all(number, from(after), since, limit)
  }

  vaults(): string[] {
    return this.#sql.vaults.all()
  }

  collections(vault: string): string[] {
    return this.#sql.collections.all(vault)
  }

  stats(vault: string): CollectionStats[] {
    return this.#sql.stats.all(vault)
  }
}

/** As many rows as a reply holds; one more is read to know whether there are others. */
function sliceOf(
  after: string | null,
  limit: number,
  read: (from: string, count: number) => StoredCell[][],
): RowSlice {
  const cells: Cell[] = []
  let left = Math.min(limit, replyRows)
  let [last, chars] = [after, 0]
  while (left > 0 && chars < replyChars) {
    const wanted = Math.min(left, readRows)
    const rows = read(from(last), wanted)
    for (const row of rows) {
      last = row[0] as string // the first column is the id
      cells.push(last)
      pushRow(cells, row, 1)
      chars += String(cells.at(3 - envelopeCells)).length
    }
    if (rows.length < wanted) return { cells, more: false }
    left -= rows.length
  }
  return { cells, more: read(from(last), 1).length > 0 }
}

function pushRow(cells: Cell[], row: readonly StoredCell[], at: number): Cell[] {
  const [iv, data] = unpackBody({ iv: row[at + 2] as string | null, body: row[at + 3] as Buffer | string }) // as the table declares them
  cells.push(row[at] as Cell, row[at + 1] as Cell, iv, data) // only body is ever a Buffer
  for (let column = at + 4; column < at + envelopeCells; column += 1) cells.push(row[column] as Cell) // as above
  return cells
}

function prepare(db: Database) {
  const filled = 'EXISTS (SELECT 1 FROM records WHERE collection = collections.id)'
  const range = 'FROM records WHERE collection = ? AND id >= ?'
  return {
    one: db
      .prepare<[number, string], StoredCell[]>(
        `SELECT ${columns} FROM records WHERE collection = ? AND id = ?`,
      )
      .raw(),
    rows: db
      .prepare<[number, string, number], StoredCell[]>(`SELECT id, ${columns} ${range} ORDER BY id LIMIT ?`)
      .raw(),
    oneToken: db
      .prepare<[number, string, string, number], StoredCell[]>(
        `SELECT tokens.id, ${columns} FROM tokens JOIN records USING (collection, id)
         WHERE collection = ? AND token = ? AND tokens.id >= ? ORDER BY tokens.id LIMIT ?`,
      )
      .raw(),
    tokens: db
      .prepare<[number, number, string, string, number], StoredCell[]>(
        `SELECT id, ${columns} FROM records WHERE collection = ? AND id IN
           (SELECT id FROM tokens WHERE collection = ? AND token IN (SELECT value FROM json_each(?)) AND id >= ?)
         ORDER BY id LIMIT ?`,
      )
      .raw(),
    ids: db.prepare<[number, string, number], string>(`SELECT id ${range} ORDER BY id LIMIT ?`).pluck(),
    idsSince: db
      .prepare<[number, string, string, number], string>(`SELECT id ${range} AND ts > ? ORDER BY id LIMIT ?`)
      .pluck(),
    vaults: db
      .prepare<[], string>(`SELECT DISTINCT vault FROM collections WHERE ${filled} ORDER BY vault`)
      .pluck(),
    collections: db
      .prepare<[string], string>(`SELECT name FROM collections WHERE vault = ? AND ${filled} ORDER BY name`)
      .pluck(),
    // octet_length reads the length of a value from its header, not the value.
    stats: db.prepare<[string], CollectionStats>(`
      SELECT name, count(*) AS records, sum(octet_length(body) + coalesce(octet_length(iv), 0)) AS bytes
      FROM collections JOIN records ON records.collection = collections.id
      WHERE vault = ? GROUP BY collections.id ORDER BY name`),
  }
}
