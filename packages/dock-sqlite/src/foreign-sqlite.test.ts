/** Database files written by the SQLite that comes with Node, honest ones and others. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { databaseReader, fileSource, type SourceRow } from '@klum-db/lobby'
import { foreignSqlite } from './foreign-sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'dock-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0

function database(...statements: string[]): string {
  const path = join(folder, `${(count += 1)}.db`)
  const db = new DatabaseSync(path, { defensive: false })
  for (const statement of statements) db.exec(statement)
  db.close()
  return path
}

const reader = databaseReader(foreignSqlite())

async function rowsOf(path: string, table?: string, from = reader): Promise<SourceRow[]> {
  const rows: SourceRow[] = []
  for await (const row of from.rows(await fileSource(path), table === undefined ? {} : { table }))
    rows.push(row)
  return rows
}

describe('a foreign database', () => {
  it.each(['worker', 'process'] as const)('gives its tables and rows from a %s', async (host) => {
    const path = database(
      'CREATE TABLE "pay ments"(id INTEGER PRIMARY KEY, amount REAL, note TEXT, raw BLOB, big INTEGER)',
      `INSERT INTO "pay ments" VALUES (1, 12.1, 'a', NULL, 9007199254740993), (2, 1e-7, NULL, x'00ff', 3)`,
    )
    const rows = await rowsOf(path, undefined, databaseReader(foreignSqlite({ host })))
    expect(rows.map(({ cells, place, faults }) => [cells, place, faults.length])).toEqual([
      [
        { id: 1, amount: '12.1', note: 'a', raw: null, big: '9007199254740993' },
        { table: 'pay ments', row: 1 },
        0,
      ],
      [{ id: 2, amount: '0.0000001', note: null, raw: null, big: 3 }, { table: 'pay ments', row: 2 }, 1],
    ])
  })

  it('is read whole, in many batches, without a change to the file or a trace beside it', async () => {
    const path = database(
      'PRAGMA journal_mode = WAL',
      'CREATE TABLE t(n INTEGER)',
      'WITH RECURSIVE s(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM s WHERE n < 20000) INSERT INTO t SELECT n FROM s',
    )
    const before = readFileSync(path)
    const rows = await rowsOf(path, 't')
    expect(rows.reduce((sum, { cells }) => sum + Number(cells['n']), 0)).toBe((20_000 * 20_001) / 2)
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(folder).filter((name) => name.startsWith(`${count}.db`))).toEqual([`${count}.db`])
  })
})

describe('hostile databases', () => {
  it('run none of their views, triggers, virtual tables and generated columns', async () => {
    const path = database(
      'CREATE TABLE t(id INTEGER, v TEXT, g TEXT AS (hex(zeroblob(10))))',
      `INSERT INTO t(id, v) VALUES (1, 'x')`,
      `CREATE VIEW endless AS WITH RECURSIVE s(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM s) SELECT count(*) FROM s`,
      'CREATE TRIGGER boom AFTER INSERT ON t BEGIN DELETE FROM t; END',
      'CREATE VIRTUAL TABLE words USING fts5(body)',
    )
    const facts = await reader.inspect(await fileSource(path))
    expect(facts.tables.map(({ name, columns }) => [name, columns.map((column) => column.name)])).toEqual([
      ['t', ['id', 'v']],
    ])
    for (const table of ['endless', 'words', 'words_data', 'sqlite_schema', 't"; DROP TABLE t; --'])
      await expect(rowsOf(path, table)).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
    expect(await rowsOf(path, 't')).toHaveLength(1)
  })

  it('with a table that a view stands in for do not reach the view', async () => {
    const path = database(
      'CREATE TABLE t(v TEXT)',
      'PRAGMA writable_schema = ON',
      `UPDATE sqlite_schema SET sql = 'CREATE VIEW t AS SELECT load_extension(''/tmp/x'') AS v', type = 'view' WHERE name = 't'`,
    )
    await expect(rowsOf(path, 't')).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
  })

  it('that are damaged, or none, are refused', async () => {
    const path = database('CREATE TABLE t(v TEXT)', `INSERT INTO t VALUES ('${'x'.repeat(20_000)}')`)
    const bytes = readFileSync(path)
    bytes.fill(0xa5, 4096)
    writeFileSync(path, bytes)
    await expect(rowsOf(path, 't')).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
    const text = join(folder, 'text.db')
    writeFileSync(text, 'hello '.repeat(1000))
    await expect(rowsOf(text)).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: 'This is no SQLite database.',
    })
  })

  it('that another program holds open are refused, with what to do', async () => {
    const path = join(folder, 'open.db')
    const db = new DatabaseSync(path)
    db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t(v TEXT)')
    await expect(rowsOf(path, 't')).rejects.toThrow('close it there first')
    db.close()
  })
})
