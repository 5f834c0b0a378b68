import type { Database } from 'better-sqlite3'
import { HostFailure } from '../failures.ts'
import { packBody } from './body.ts'
import type { CollectionNames } from './names.ts'
import { type Cell, envelopeCells, opKinds } from './protocol.ts'

type StoredCell = Cell | Buffer

/** Every write. Compare-and-set is part of the statement, so a single write needs no transaction around it. */
export class Writer {
  readonly #names: CollectionNames
  readonly #sql: ReturnType<typeof prepare>
  #opsToLive: number

  constructor(db: Database, names: CollectionNames, dieAfterOps = Infinity) {
    this.#names = names
    this.#sql = prepare(db)
    this.#opsToLive = dieAfterOps
  }

  /** The plain rule of the port: a missing row is accepted whatever version was expected. */
  put(vault: string, collection: string, id: string, expected: number | null, cells: readonly Cell[]): void {
    const number = this.#names.intern(vault, collection)
    const row = rowOf(number, id, cells, 0)
    if (expected === null) this.#sql.put.run(row)
    else if (this.#sql.putIfVersion.run(row, expected).changes === 0) this.#conflict(number, id)
  }

  delete(vault: string, collection: string, id: string): void {
    const number = this.#names.find(vault, collection)
    if (number !== undefined) this.#sql.delete.run(number, id)
  }

  /** Operations of a transaction, in order; the first that does not hold throws. */
  apply(ops: readonly Cell[]): void {
    let at = 0
    while (at < ops.length) {
      if (this.#opsToLive-- <= 0) process.kill(process.pid, 'SIGKILL')
      at = this.#applyOne(ops, at)
    }
  }

  /** Empties every collection of a vault whose name is not reserved. */
  dropUserCollections(vault: string): void {
    this.#sql.dropUserCollections.run(vault)
  }

  /** Cells are as `pushOp` wrote them; returns where the next operation starts. */
  #applyOne(ops: readonly Cell[], at: number): number {
    const vault = ops[at + 1] as string // as pushOp wrote it
    const collection = ops[at + 2] as string // as above
    const id = ops[at + 3] as string // as above
    const expected = ops[at + 4] as number | null // as above
    switch (ops[at]) {
      case opKinds.copy:
        this.#copy(vault, [collection, id], [ops[at + 5] as string, ops[at + 6] as string]) // as above
        return at + 7
      case opKinds.delete:
        this.#deleteExpecting(this.#names.find(vault, collection), id, expected)
        return at + 5
      case opKinds.check:
        this.#check(this.#names.find(vault, collection), id, expected)
        return at + 5
      case opKinds.index:
        return this.#index(this.#names.intern(vault, collection), id, expected, ops, at + 5)
      default: {
        const number = this.#names.intern(vault, collection)
        this.#putExpecting(rowOf(number, id, ops, at + 5), number, id, expected)
        return at + 5 + envelopeCells
      }
    }
  }

  #copy(vault: string, [collection, id]: readonly [string, string], to: readonly [string, string]): void {
    const number = this.#names.find(vault, collection)
    if (number !== undefined) this.#sql.copy.run(this.#names.intern(vault, to[0]), to[1], number, id)
  }

  /** From `at` on: how many tokens, and the tokens. */
  #index(number: number, id: string, expected: number | null, ops: readonly Cell[], at: number): number {
    this.#check(number, id, expected)
    const end = at + 1 + (ops[at] as number) // as pushOp wrote it
    this.#sql.dropTokens.run(number, id)
    for (const token of ops.slice(at + 1, end)) this.#sql.addToken.run(number, token, id)
    return end
  }

  #putExpecting(row: StoredCell[], number: number, id: string, expected: number | null): void {
    if (expected === null) return void this.#sql.put.run(row)
    const { insert, update } = this.#sql
    const done = expected === 0 ? insert.run(row) : update.run(row.slice(2), number, id, expected)
    if (done.changes === 0) this.#conflict(number, id)
  }

  /** A collection without a number holds nothing. */
  #deleteExpecting(number: number | undefined, id: string, expected: number | null): void {
    // Versions start at 1: expecting 0 only asks whether the row is absent.
    if (number === undefined || expected === 0) return this.#check(number, id, expected)
    if (expected === null) return void this.#sql.delete.run(number, id)
    if (this.#sql.deleteIfVersion.run(number, id, expected).changes === 0) this.#conflict(number, id)
  }

  #check(number: number | undefined, id: string, expected: number | null): void {
    if (expected !== null && this.#version(number, id) !== expected) this.#conflict(number, id)
  }

  #version(number: number | undefined, id: string): number {
    return number === undefined ? 0 : (this.#sql.version.get(number, id) ?? 0)
  }

  #conflict(number: number | undefined, id: string): never {
    const version = this.#version(number, id)
    throw new HostFailure('CONFLICT', `The store holds version ${version}.`, { version })
  }
}

/** The columns of a row, in table order; base64 turns into bytes here, off the caller's thread. */
function rowOf(number: number, id: string, cells: readonly Cell[], at: number): StoredCell[] {
  const { iv, body } = packBody(cells[at + 2] as string, cells[at + 3] as string) // as pushEnvelope wrote them
  const row: StoredCell[] = [number, id, cells[at] as number, cells[at + 1] as string, iv, body] // as above
  for (let cell = at + 4; cell < at + envelopeCells; cell += 1) row.push(cells[cell] as Cell) // as above
  return row
}

function prepare(db: Database) {
  const names = ['v', 'ts', 'iv', 'body', 'author', 'source', 'source_ts', 'aad', 'extra']
  const columns = names.join(', ')
  const insert = `INSERT INTO records (collection, id, ${columns}) VALUES (?, ?${', ?'.repeat(names.length)})`
  const replace = `ON CONFLICT DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`
  const at = 'WHERE collection = ? AND id = ?'
  return {
    put: db.prepare<[StoredCell[]]>(`${insert} ${replace}`),
    putIfVersion: db.prepare<[StoredCell[], number]>(`${insert} ${replace} WHERE records.v = ?`),
    insert: db.prepare<[StoredCell[]]>(`${insert} ON CONFLICT DO NOTHING`),
    update: db.prepare<[StoredCell[], number, string, number]>(
      `UPDATE records SET ${names.map((name) => `${name} = ?`).join(', ')} ${at} AND v = ?`,
    ),
    delete: db.prepare<[number, string]>(`DELETE FROM records ${at}`),
    deleteIfVersion: db.prepare<[number, string, number]>(`DELETE FROM records ${at} AND v = ?`),
    version: db.prepare<[number, string], number>(`SELECT v FROM records ${at}`).pluck(),
    copy: db.prepare<[number, string, number, string]>(
      `INSERT INTO records (collection, id, ${columns}) SELECT ?, ?, ${columns} FROM records ${at} ${replace}`,
    ),
    dropTokens: db.prepare<[number, string]>('DELETE FROM tokens WHERE collection = ? AND id = ?'),
    addToken: db.prepare<[number, Cell, string]>(
      'INSERT INTO tokens (collection, token, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    dropUserCollections: db.prepare<[string]>(`
      DELETE FROM records WHERE collection IN
        (SELECT id FROM collections WHERE vault = ? AND substr(name, 1, 1) <> '_')`),
  }
}
