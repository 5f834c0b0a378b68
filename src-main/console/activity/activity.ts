/** Who did what, newest first over all clients and the workspace itself: one row per command, however many it touched. */
import type { AuditEntry } from '@noy-db/hub'
import type { ActivityRow, VerifyRow } from '../../../src-shared/ipc/activity.ts'
import type { CallContext } from '../../../src-shared/ipc/define.ts'
import { clientNames, registeredClients } from '../clients/names.ts'
import { personName } from '../people.ts'
import type { Open, Session } from '../session.ts'
import { type Deed, isBefore, newestDeeds, type Part, type Place, type Source } from './trails.ts'
import { verifyChains } from './verify-chains.ts'

export interface ActivityRequest {
  /** One client only: of a command over many, its own part. */
  readonly vault?: string | undefined
  readonly command?: string | undefined
  /** Only what came before this row. */
  readonly before?: Place | undefined
  readonly limit: number
}

export interface ActivityService {
  list(request: ActivityRequest): Promise<{ rows: ActivityRow[]; more: boolean }>
  verify(vault: string | undefined, context: CallContext): Promise<VerifyRow[]>
}

const changesShown = 50

export function createActivity(session: Session): ActivityService {
  return {
    list: (request) =>
      session.use(async (open) => {
        const sources = await sourcesOf(open, request.vault)
        // One more than asked for tells whether there is more.
        const found = await newestDeeds(sources, fitting(request), request.limit + 1)
        const nameOf = await clientNames(open.state)
        const rows = found.slice(0, request.limit).map((deed) => rowOf(open, deed, nameOf))
        return { rows, more: found.length > request.limit }
      }),
    verify: (vault, context) => session.use((open) => verifyChains(open, vault, context)),
  }
}

async function sourcesOf(open: Open, vault: string | undefined): Promise<Source[]> {
  const clients = (await registeredClients(open.state)).filter(
    ({ vaultId }) => (vault ?? vaultId) === vaultId,
  )
  const trails = await Promise.all(
    clients.map(async ({ vaultId, name }): Promise<Source> => {
      return { client: { vault: vaultId, name }, audit: (await open.vault(vaultId)).audit }
    }),
  )
  return [...trails, { client: null, audit: open.state.vault.audit }]
}

function fitting({ vault, command, before }: ActivityRequest): (part: Part) => boolean {
  return ({ source, entry }) =>
    (command === undefined || deedOf(entry).command === command) &&
    (before === undefined || isBefore(entry, before)) &&
    // Of the workspace's own trail, one client is concerned by what registered it.
    (vault === undefined || source.client !== null || registered(entry).includes(vault))
}

function registered({ changes }: AuditEntry): string[] {
  return changes.filter(({ collection }) => collection === 'vaultRegistry').map(({ id }) => id)
}

/** What the console writes into its own state it names in the reason: the engine knows such a write as a put. */
function deedOf({ command, reason }: AuditEntry): { command: string; reason: string | null } {
  const isNamed =
    reason !== undefined && (command === 'put' || command === 'delete') && commandName.test(reason)
  return isNamed ? { command: reason, reason: null } : { command, reason: reason ?? null }
}

const commandName = /^[a-z]+[.:][a-zA-Z]+$/

function rowOf(open: Open, deed: Deed, nameOf: (vaultId: string) => string): ActivityRow {
  const [{ entry }] = deed
  const own = deed.find(({ source }) => source.client === null)?.entry
  const written = clientParts(deed)
  const named = own === undefined ? [] : registered(own)
  const made = named.filter((vault) => written.every((part) => part.vault !== vault))
  return {
    id: entry.id,
    time: entry.time,
    actor: personName(open, entry.actor) ?? entry.actor,
    ...deedOf(entry),
    clients: [
      ...written,
      ...made.map((vault) => ({ vault, vaultName: nameOf(vault), seq: null, changed: 0, changes: [] })),
    ].sort((a, b) => a.vaultName.localeCompare(b.vaultName)),
    workspaceSeq: own?.seq ?? null,
  }
}

function clientParts(deed: Deed): ActivityRow['clients'] {
  let left = changesShown
  return deed.flatMap(({ source, entry }: Part) => {
    if (source.client === null) return []
    const changes = entry.changes.slice(0, left).map((change) => ({ ...change }))
    left -= changes.length
    const { vault, name } = source.client
    return [{ vault, vaultName: name, seq: entry.seq, changed: entry.changes.length, changes }]
  })
}
