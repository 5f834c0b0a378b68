/** The import journal of the state vault: what was imported, from whom, and whether it still stands. */
import type { NoydbApi } from '@noy-db/hub'
import { AlreadyImportedError, LobbyError } from '../errors.ts'
import { openState, type State } from '../state.ts'
import type { ImportJournalRow } from './types.ts'

/** Newest first. */
export async function listImports(db: NoydbApi): Promise<ImportJournalRow[]> {
  const rows = await (await openState(db)).journal.list()
  return rows.sort((left, right) => (left.id < right.id ? 1 : -1))
}

export async function readImport(state: State, importId: string): Promise<ImportJournalRow> {
  const row = await state.journal.get(importId)
  if (row === null) throw new LobbyError('IMPORT_NOT_FOUND', `There is no import ${importId}.`)
  return row
}

/** The standing import of this container; with `handles`, of any of these compartments. */
export async function findImport(
  state: State,
  containerSha256: string,
  handles?: readonly string[],
): Promise<ImportJournalRow | null> {
  const rows = await state.journal.list()
  const standing = rows.filter((row) => row.containerSha256 === containerSha256 && row.status === 'applied')
  return standing.find((row) => handles === undefined || overlaps(row, handles)) ?? null
}

function overlaps({ handles }: ImportJournalRow, wanted: readonly string[]): boolean {
  return handles === undefined || handles.some((handle) => wanted.includes(handle))
}

/** @throws AlreadyImportedError */
export async function assertNotImported(
  state: State,
  containerSha256: string,
  handles: readonly string[],
): Promise<void> {
  const found = await findImport(state, containerSha256, handles)
  if (found !== null) throw new AlreadyImportedError(found.id, found.appliedAt)
}

/** Whether this very message was taken before, in part or undone since: then its number is no surprise. */
export async function knowsExchange(state: State, exchangeId: string): Promise<boolean> {
  return (await state.journal.list()).some((row) => row.exchangeId === exchangeId)
}
