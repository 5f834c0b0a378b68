import { existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { type Migration, migrations } from '../migrations/index.ts'
import { onCleanup, tempFile } from '../testing/workspace.ts'
import { applicationId, latestVersion, upgrade, versionOf } from './upgrade.ts'

function open(file: string) {
  const db = new Database(file)
  onCleanup(() => db.close())
  return db
}

const current = latestVersion()
const addNotes: Migration = { version: current + 1, up: (db) => void db.exec('CREATE TABLE notes (text)') }
const failing: Migration = {
  version: current + 2,
  up(db) {
    db.exec('DROP TABLE records')
    throw new Error('It cannot be done.')
  },
}

it('numbers rise by one from 1', () => {
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1))
})

it('makes a new file ours, at the latest version', () => {
  const db = open(tempFile())
  upgrade(db)
  expect(versionOf(db)).toBe(latestVersion())
  expect(db.pragma('application_id', { simple: true })).toBe(applicationId)
})

it('does nothing to a file that is up to date', () => {
  const db = open(tempFile())
  upgrade(db)
  const before = db.pragma('schema_version', { simple: true })
  upgrade(db)
  expect(db.pragma('schema_version', { simple: true })).toBe(before)
})

it('upgrades an existing file and leaves no snapshot behind', () => {
  const file = tempFile()
  const db = open(file)
  upgrade(db)
  upgrade(db, [...migrations, addNotes])
  expect(versionOf(db)).toBe(current + 1)
  expect(db.prepare('SELECT count(*) FROM notes').pluck().get()).toBe(0)
  expect(readdirSync(dirname(file))).toEqual(['workspace.db'])
})

it('puts the file back when a step fails', () => {
  const file = tempFile()
  const db = open(file)
  db.pragma('journal_mode = WAL')
  upgrade(db)
  db.exec("INSERT INTO collections (vault, name) VALUES ('v', 'c')")
  expect(() => upgrade(db, [...migrations, addNotes, failing])).toThrow('It cannot be done.')
  expect(db.open).toBe(false)
  const again = open(file)
  expect(versionOf(again)).toBe(current)
  expect(again.prepare('SELECT name FROM collections').pluck().all()).toEqual(['c'])
  expect(
    again.prepare("SELECT count(*) FROM sqlite_schema WHERE name IN ('notes', 'records')").pluck().get(),
  ).toBe(1)
  expect(existsSync(`${file}.before-upgrade-from-${current}`)).toBe(false)
})

it('refuses a newer file', () => {
  const db = open(tempFile())
  db.pragma('user_version = 7')
  expect(() => upgrade(db)).toThrow('newer version')
})
