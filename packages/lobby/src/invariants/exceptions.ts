/**
 * What was written against a rule, sidecar `_exceptions`: in the transaction of the record, under the DEK of its
 * collection. A guard lets a record pass that its transaction notes here, so that nothing passes without a trace.
 */
import { generateULID } from '@noy-db/hub/kernel'
import type { NoydbApi, Transaction, VaultApi } from '@noy-db/hub'
import type { RowRef } from '../import/types.ts'
import type { RuleException } from './types.ts'

export const EXCEPTIONS = '_exceptions'

export function putException(
  tx: Transaction,
  vault: VaultApi,
  exception: Omit<RuleException, 'vault' | 'actor' | 'at'>,
): void {
  const row: RuleException = {
    ...exception,
    vault: vault.name,
    actor: vault.userId,
    at: new Date().toISOString(),
  }
  tx.putSidecar(vault, EXCEPTIONS, { collection: row.collection, key: generateULID() }, row, {
    expectedVersion: 0,
  })
}

export interface ExceptionsFilter {
  /** Default: every vault this user can open. */
  readonly vaults?: readonly string[]
  readonly since?: string
  readonly rule?: string
}

/** Newest first: what was overridden, by whom, why and when. */
export async function listExceptions(db: NoydbApi, filter: ExceptionsFilter = {}): Promise<RuleException[]> {
  const accessible = filter.vaults ?? (await db.listAccessibleVaults()).map(({ id }) => id)
  const found: RuleException[] = []
  for (const name of accessible.filter((id) => !id.startsWith('__noydb_'))) {
    const vault = await db.openVault(name, { create: false })
    for (const { row } of await vault.sidecar<RuleException>(EXCEPTIONS).list()) found.push(row)
  }
  const { since = '', rule } = filter
  const wanted = found.filter((row) => row.at >= since && (rule === undefined || row.rule === rule))
  return wanted.sort((left, right) => (left.at < right.at ? 1 : -1))
}

/** Records that rows of this sidecar speak about, by collection and id. */
export function exceptedIn(rows: readonly unknown[]): Set<string> {
  const refs = rows as readonly RowRef[] // written by putException alone
  return new Set(refs.map(({ collection, id }) => `${collection}/${id}`))
}
