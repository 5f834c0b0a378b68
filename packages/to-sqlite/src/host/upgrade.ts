import { existsSync, renameSync, rmSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import { HostFailure, sentences } from '../failures.ts'
import { type Migration, migrations } from '../migrations/index.ts'

/** "LBYV": tells our files from those of other programs. */
export const applicationId = 0x4c425956

export const versionOf = (db: Database): number => Number(db.pragma('user_version', { simple: true }))

/** The format this program writes. */
export const latestVersion = (list: readonly Migration[] = migrations): number => list.at(-1)?.version ?? 0

/**
 * Brings a file to the latest format in one transaction. An existing file is copied first; after a failure the copy takes
 * its place again, the connection is closed and the cause thrown.
 */
export function upgrade(db: Database, list: readonly Migration[] = migrations): void {
  const from = versionOf(db)
  if (from > latestVersion(list)) {
    throw new HostFailure('STORE_TOO_NEW', sentences.STORE_TOO_NEW, {
      found: from,
      known: latestVersion(list),
    })
  }
  const steps = list.filter(({ version }) => version > from)
  if (steps.length === 0) return
  const snapshot = from === 0 ? undefined : takeSnapshot(db, from)
  try {
    db.transaction(() => applySteps(db, steps)).exclusive()
  } catch (error) {
    if (snapshot !== undefined) restoreSnapshot(db, snapshot)
    throw error
  }
  if (snapshot !== undefined) rmSync(snapshot, { force: true })
}

function applySteps(db: Database, steps: readonly Migration[]): void {
  for (const step of steps) {
    step.up(db)
    db.pragma(`user_version = ${step.version}`)
  }
  db.pragma(`application_id = ${applicationId}`)
}

function takeSnapshot(db: Database, version: number): string {
  const snapshot = `${db.name}.before-upgrade-from-${version}`
  rmSync(snapshot, { force: true })
  db.prepare('VACUUM INTO ?').run(snapshot)
  return snapshot
}

function restoreSnapshot(db: Database, snapshot: string): void {
  const file = db.name
  db.close()
  for (const side of [`${file}-wal`, `${file}-journal`]) if (existsSync(side)) rmSync(side)
  renameSync(snapshot, file)
}
