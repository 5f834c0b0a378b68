/** Who did what, newest first over all clients, and whether the chains that say so hold. */
import { verifyAudit, type VaultAuditReport } from '@klum-db/lobby'
import type { AuditApi, AuditEntry } from '@noy-db/hub'
import type { ActivityRow, VerifyRow } from '../../src-shared/ipc/activity.ts'
import type { CallContext } from '../../src-shared/ipc/define.ts'
import { registeredClients } from './clients/names.ts'
import { personName } from './people.ts'
import type { Open, Session } from './session.ts'

export interface ActivityRequest {
  readonly vault?: string | undefined
  readonly command?: string | undefined
  readonly before?: string | undefined
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
        const trails = await trailsOf(open, request)
        const found = await newest(trails, request)
        const rows = found.slice(0, request.limit).map(({ trail, entry }) => rowOf(open, trail, entry))
        return { rows, more: found.length > request.limit }
      }),
    verify: (vault, context) => session.use((open) => verifyChains(open, vault, context)),
  }
}

interface Source {
  readonly vault: string
  readonly vaultName: string
  readonly audit: AuditApi
}

/** The entries of one vault, newest first, read a few at a time. */
class Trail {
  readonly source: Source
  #buffer: AuditEntry[] = []
  #before: number | undefined
  #ended = false

  constructor(source: Source) {
    this.source = source
  }

  async peek(): Promise<AuditEntry | null> {
    if (this.#buffer.length === 0 && !this.#ended) await this.#read()
    return this.#buffer[0] ?? null
  }

  take(): void {
    this.#buffer.shift()
  }

  async #read(): Promise<void> {
    const limit = this.#before === undefined ? 10 : 50
    const range = this.#before === undefined ? { limit } : { limit, before: this.#before }
    this.#buffer = await this.source.audit.list(range)
    const last = this.#buffer.at(-1)
    this.#ended = last === undefined || last.seq <= 1
    this.#before = last?.seq
  }
}

async function sourcesOf(open: Open, vault: string | undefined): Promise<Source[]> {
  const clients = (await registeredClients(open.state)).filter(
    ({ vaultId }) => (vault ?? vaultId) === vaultId,
  )
  return Promise.all(
    clients.map(async ({ vaultId, name }) => {
      return { vault: vaultId, vaultName: name, audit: (await open.vault(vaultId)).audit }
    }),
  )
}

async function trailsOf(open: Open, { vault }: ActivityRequest): Promise<Trail[]> {
  return (await sourcesOf(open, vault)).map((source) => new Trail(source))
}

interface Found {
  readonly trail: Trail
  readonly entry: AuditEntry
}

/** One more than asked for, so that the caller knows whether there is more. */
async function newest(trails: readonly Trail[], request: ActivityRequest): Promise<Found[]> {
  const found: Found[] = []
  const heads = new Map<Trail, AuditEntry>()
  for (const trail of trails) await advance(heads, trail, request)
  while (found.length <= request.limit && heads.size > 0) {
    const next = latest(heads)
    found.push(next)
    next.trail.take()
    await advance(heads, next.trail, request)
  }
  return found
}

/** Moves a trail to its next entry that fits the request. */
async function advance(heads: Map<Trail, AuditEntry>, trail: Trail, request: ActivityRequest): Promise<void> {
  heads.delete(trail)
  let entry = await trail.peek()
  while (entry !== null && !fits(entry, request)) {
    trail.take()
    entry = await trail.peek()
  }
  if (entry !== null) heads.set(trail, entry)
}

function fits(entry: AuditEntry, { command, before }: ActivityRequest): boolean {
  return (command === undefined || entry.command === command) && (before === undefined || entry.time < before)
}

function latest(heads: ReadonlyMap<Trail, AuditEntry>): Found {
  const [first, ...rest] = [...heads].map(([trail, entry]) => ({ trail, entry }))
  if (first === undefined) throw new RangeError('No trail has an entry left.')
  return rest.reduce((best, one) => (isNewer(one.entry, best.entry) ? one : best), first)
}

function isNewer(one: AuditEntry, other: AuditEntry): boolean {
  return one.time > other.time || (one.time === other.time && one.id > other.id)
}

function rowOf(open: Open, { source }: Trail, entry: AuditEntry): ActivityRow {
  return {
    vault: source.vault,
    vaultName: source.vaultName,
    seq: entry.seq,
    id: entry.id,
    actor: personName(open, entry.actor) ?? entry.actor,
    command: entry.command,
    reason: entry.reason ?? null,
    time: entry.time,
    changed: entry.changes.length,
    changes: entry.changes.slice(0, changesShown).map((change) => ({ ...change })),
  }
}

async function verifyChains(
  open: Open,
  vault: string | undefined,
  context: CallContext,
): Promise<VerifyRow[]> {
  const clients = await registeredClients(open.state)
  const names = new Map(clients.map(({ vaultId, name }) => [vaultId, name]))
  const workspace = open.state.vault.name
  const all = vault === undefined ? [...names.keys(), workspace] : [vault]
  const work = { signal: context.signal, onProgress: context.progress }
  const reports = await verifyAudit(open.db, all, work)
  return reports.map((report) => verifyRow(report, names.get(report.vault) ?? 'The workspace itself'))
}

/** A vault that cannot be read at all is a problem of its chain too: nothing vouches for it. */
function verifyRow({ vault, report, error }: VaultAuditReport, vaultName: string): VerifyRow {
  if (report === null) {
    const problem = {
      seq: 0,
      kind: error?.code ?? 'INTERNAL',
      message: error?.message ?? 'It cannot be read.',
    }
    return { vault, vaultName, ok: false, entries: 0, versionsChecked: 0, problems: [problem] }
  }
  const { ok, entries, versionsChecked, problems } = report
  return { vault, vaultName, ok, entries, versionsChecked, problems: problems.map((one) => ({ ...one })) }
}
