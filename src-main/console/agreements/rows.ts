/** Agreements as lines of a list. */
import type { Cadence, SurfaceRow, SurfaceSide } from '@klum-db/lobby'
import type { AgreementRow, AgreementSide } from '../../../src-shared/ipc/agreement-views.ts'
import { clientNames } from '../clients/names.ts'
import { sentenceForEngine } from '../error-sentences.ts'
import { counterpartOf, type Desk, ownSideOf } from './desk.ts'
import { directionFrom, isoOrNull } from './terms.ts'

/** Those with signatures; the others are between two names in one workspace, and no screen makes them. */
function isSigned({ agreement }: SurfaceRow): boolean {
  return agreement?.parties !== undefined
}

export async function agreementRows(desk: Desk, cadences: readonly Cadence[]): Promise<AgreementRow[]> {
  const rows = (await desk.surfaces.list()).filter(isSigned)
  const due = new Map(cadences.map((cadence) => [cadence.surface, cadence]))
  const nameOf = await clientNames(desk.open.state)
  const clients = new Map(
    (await desk.open.state.agreements.entries()).map(({ id, record }) => [id, record.vaultId]),
  )
  const views = rows.map((row) => {
    const vaultId = clients.get(row.id)
    const client = vaultId === undefined ? null : { vaultId, name: nameOf(vaultId) }
    return agreementRow(desk, row, client, due.get(row.id))
  })
  return views.sort(byUrgency)
}

/** What waits for somebody here first, then by party. */
function byUrgency(left: AgreementRow, right: AgreementRow): number {
  const urgent = Number(right.needsAttention) - Number(left.needsAttention)
  return urgent || left.party.localeCompare(right.party) || (left.id < right.id ? -1 : 1)
}

export function agreementRow(
  desk: Desk,
  row: SurfaceRow,
  client: AgreementRow['client'],
  found: Cadence | undefined,
): AgreementRow {
  const side = ownSideOf(desk, row)
  const { pending } = row.agreement ?? {}
  const asked = pending === undefined ? null : seenFrom(side, pending.by)
  const answer = answerOf(pending?.answerBy, desk.clock())
  const cadence = cadenceView(found)
  return {
    id: row.id,
    client,
    party: counterpartOf(desk, row).party,
    state: stateOf(row, desk.clock()),
    suspendedBy: (row.agreement?.suspendedBy ?? []).map((by) => seenFrom(side, by)),
    asked,
    answer,
    direction: directionFrom(side, row.direction),
    version: row.agreement?.version ?? 0,
    lastExchangeAt: isoOrNull(row.lastSyncAt),
    cadence,
    expiresAt: isoOrNull(row.expiresAt),
    needsAttention: isToAnswer(asked, answer) || cadence.status === 'due' || cadence.status === 'late',
  }
}

function answerOf(by: number | undefined, now: number): AgreementRow['answer'] {
  return by === undefined ? null : { by: new Date(by).toISOString(), isOver: now > by }
}

/** While there is time it is for whoever was asked to do something, then for whoever asked. */
function isToAnswer(asked: AgreementRow['asked'], answer: AgreementRow['answer']): boolean {
  return asked === (answer?.isOver === true ? 'ours' : 'theirs')
}

export function seenFrom(own: SurfaceSide, side: SurfaceSide): AgreementSide {
  return own === side ? 'ours' : 'theirs'
}

function stateOf({ status, ending, expiresAt }: SurfaceRow, now: number): AgreementRow['state'] {
  if (ending !== undefined) return ending
  return expiresAt !== undefined && now >= expiresAt ? 'expired' : status
}

function cadenceView(cadence: Cadence | undefined): AgreementRow['cadence'] {
  if (cadence === undefined) return { status: 'off', dueAt: null, missed: 0, failure: null }
  const { status, dueAt, missed, lastError } = cadence
  const failure = lastError === undefined ? null : (sentenceForEngine(lastError.code) ?? lastError.message)
  return { status, dueAt: isoOrNull(dueAt), missed, failure }
}
