/** What was written against a rule or into a closed period, by whom and why: over all clients, or of one. */
import { listExceptions } from '@klum-db/lobby'
import type { OutputOf } from '../../../src-shared/ipc/contract.ts'
import { clientNames } from '../clients/names.ts'
import { personName } from '../people.ts'
import { currentTitle, recordTitles } from '../records.ts'
import type { Open } from '../session.ts'

export interface ExceptionsRequest {
  readonly vault?: string | undefined
  readonly rule?: string | undefined
  readonly since?: string | undefined
  readonly offset: number
  readonly limit: number
}

export async function exceptionPage(
  open: Open,
  { vault, rule, since, offset, limit }: ExceptionsRequest,
): Promise<OutputOf<'periods.exceptions'>> {
  if (vault !== undefined) await open.vault(vault) // known here, or refused
  const all = await listExceptions(open.db, {
    vaults: vault === undefined ? [...open.templateNames.keys()] : [vault],
    ...(rule !== undefined && { rule }),
    ...(since !== undefined && { since }),
  })
  const [nameOf, titles] = [await clientNames(open.state), recordTitles(open)]
  const rows = all.slice(offset, offset + limit).map(async ({ origin = null, ...row }) => ({
    ...row,
    origin,
    vaultName: nameOf(row.vault),
    title: await currentTitle(open, titles, row),
    actor: personName(open, row.actor) ?? row.actor,
  }))
  const end = offset + rows.length
  return {
    rows: await Promise.all(rows),
    total: all.length,
    cursor: end < all.length ? String(end) : null,
  }
}
