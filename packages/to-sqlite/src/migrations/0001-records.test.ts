import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { records } from './0001-records.ts'

it('builds the first tables and no index that no query uses', () => {
  const db = new Database(':memory:')
  records.up(db)
  const names = db.prepare('SELECT name FROM sqlite_schema ORDER BY name').pluck().all()
  expect(names).toEqual([
    'collections',
    'records',
    'sqlite_autoindex_collections_1',
    'sqlite_autoindex_records_1',
  ])
  const insert = db.prepare('INSERT INTO records (collection, id, v, ts, body) VALUES (1, ?, ?, ?, ?)')
  insert.run('a', 1, 't', Buffer.from('x'))
  expect(() => insert.run('a', 1, 't', Buffer.from('x'))).toThrow('UNIQUE')
  expect(() => insert.run('b', 'not a number', 't', 'x')).toThrow('INTEGER')
  db.close()
})
