/**
 * Who has the workspace open, for the sentence another opener gets. The lock itself is SQLite's; this file only names its holder,
 * and is free to be stale, missing or unreadable.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'

export interface OwnerNote {
  readonly owner: string
  readonly pid: number
  readonly host: string
  readonly since: string
  /** Last sign of life, renewed every few seconds. */
  readonly heartbeat: string
}

const beatMs = 5_000

const noteOf = (file: string): string => `${file}.owner`

/** Writes and renews the note; the returned function removes it. */
export function claim(file: string, owner: string): () => void {
  const since = new Date().toISOString()
  const write = (): void => {
    const note: OwnerNote = {
      owner,
      pid: process.pid,
      host: hostname(),
      since,
      heartbeat: new Date().toISOString(),
    }
    try {
      writeFileSync(noteOf(file), JSON.stringify(note))
    } catch {
      // A full disk must not take down a store that can still read: the note only makes a message better.
    }
  }
  write()
  const timer = setInterval(write, beatMs).unref()
  return () => {
    clearInterval(timer)
    rmSync(noteOf(file), { force: true })
  }
}

export function readOwner(file: string): OwnerNote | null {
  try {
    const note: unknown = JSON.parse(readFileSync(noteOf(file), 'utf8'))
    return isOwnerNote(note) ? note : null
  } catch {
    return null // missing or half written
  }
}

function isOwnerNote(value: unknown): value is OwnerNote {
  if (typeof value !== 'object' || value === null) return false
  const note: Partial<Record<string, unknown>> = { ...value }
  const texts = [note.owner, note.host, note.since, note.heartbeat]
  return typeof note.pid === 'number' && texts.every((text) => typeof text === 'string')
}
