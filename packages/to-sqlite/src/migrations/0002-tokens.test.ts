import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { records } from './0001-records.ts'
import { tokens } from './0002-tokens.ts'

it('adds the tokens of records and leaves the records as they were', () => {
  const db = new Database(':memory:')
  records.up(db)
  const row = [1, 'a', 3, '2026-01-01T00:00:00.000Z', Buffer.from('sealed')]
  db.prepare('INSERT INTO records (collection, id, v, ts, body) VALUES (?, ?, ?, ?, ?)').run(...row)
  tokens.up(db)
  expect(db.prepare('SELECT collection, id, v, ts, body FROM records').raw().all()).toEqual([row])
  const insert = db.prepare('INSERT INTO tokens (collection, token, id) VALUES (1, ?, ?)')
  insert.run('t', 'a')
  insert.run('t', 'b')
  expect(() => insert.run('t', 'a')).toThrow('UNIQUE')
  const plan = (sql: string): string => JSON.stringify(db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
  expect(plan(`SELECT id FROM tokens WHERE collection = 1 AND token = 't' AND id > 'a' ORDER BY id`)).toMatch(
    /SEARCH tokens USING (COVERING INDEX|PRIMARY KEY)/,
  )
  expect(plan(`DELETE FROM tokens WHERE collection = 1 AND id = 'a'`)).toContain('tokens_of_record')
  db.close()
})
