/** One agreement with its parties, its terms, its files and its exchanges. */
import {
  exchangePosition,
  fingerprintOf,
  type Cadence,
  type ExchangeEntry,
  LobbyError,
  listExchanges,
  type SurfaceDecision,
  type SurfaceFile,
  type SurfaceRow,
  type SurfaceSide,
} from '@klum-db/lobby'
import type {
  ActKind,
  ActView,
  AgreementDetail,
  ExchangeView,
  PartyView,
} from '../../../src-shared/ipc/agreement-views.ts'
import { clientNames } from '../clients/names.ts'
import { clientOf, type Desk, ownSideOf } from './desk.ts'
import { agreementRow, seenFrom } from './rows.ts'
import { isoOrNull, termsView, wordsOf } from './terms.ts'

export async function agreementDetail(
  desk: Desk,
  id: string,
  cadences: readonly Cadence[],
): Promise<AgreementDetail> {
  const row = await desk.surfaces.get(id)
  const vaultId = await clientOf(desk, id)
  const nameOf = await clientNames(desk.open.state)
  const client = vaultId === null ? null : { vaultId, name: nameOf(vaultId) }
  const cadence = cadences.find(({ surface }) => surface === id)
  const side = ownSideOf(desk, row)
  const files = await desk.surfaces.files(id)
  const words = wordsOf(desk.open, vaultId)
  const view = agreementRow(desk, row, client, cadence)
  const pending = row.agreement?.pending
  const flows = view.state === 'agreed' && vaultId !== null
  return {
    ...view,
    parties: partiesOf(row, side, files),
    terms: termsView(row, side, words),
    pending:
      pending === undefined
        ? null
        : {
            by: seenFrom(side, pending.by),
            terms: termsView(pending.terms, side, words),
            answerBy: isoOrNull(pending.answerBy),
          },
    acts: actsOf(files, side),
    exchanges: await exchangesOf(desk, id),
    actions: await actionsOf(desk, row),
    canSend: flows && view.direction !== 'receive',
    canReceive: flows && view.direction !== 'send',
  }
}

function partiesOf({ agreement }: SurfaceRow, own: SurfaceSide, files: readonly SurfaceFile[]): PartyView[] {
  const parties = agreement?.parties
  if (parties === undefined) return []
  return (['proposer', 'other'] as const)
    .map((side): PartyView => {
      const { party, publicKey } = parties[side]
      const signed = files.find(({ side: by, act }) => by === side && signs(act.act))
      return {
        side: seenFrom(own, side),
        party,
        fingerprint: publicKey === null ? null : fingerprintOf(publicKey),
        isProposer: side === 'proposer',
        signedAt: signed?.act.at ?? null,
      }
    })
    .sort((left) => (left.side === 'ours' ? -1 : 1))
}

function signs(kind: ActKind): boolean {
  return kind === 'propose' || kind === 'agree'
}

/** Oldest first. */
function actsOf(files: readonly SurfaceFile[], own: SurfaceSide): ActView[] {
  return files
    .toSorted((left, right) => left.keptAt - right.keptAt || (left.act.at < right.act.at ? -1 : 1))
    .map(({ side, act, hash }) => ({
      side: seenFrom(own, side),
      number: act.number,
      kind: act.act,
      at: act.at,
      reason: act.reason ?? null,
      hash,
    }))
}

/** Newest first. */
async function exchangesOf({ state }: Desk, id: string): Promise<ExchangeView[]> {
  const { acknowledged } = await exchangePosition(state, id)
  return (await listExchanges(state, id)).map((entry) => exchangeView(entry, acknowledged)).reverse()
}

function exchangeView(entry: ExchangeEntry, acknowledged: number): ExchangeView {
  const { seq, kind, at, sequence, base, version, excluded = [], importId, hash } = entry
  const collections = Object.values(entry.collections)
  return {
    seq,
    kind,
    at,
    sequence,
    base,
    version,
    records: collections.reduce((sum, { records }) => sum + records, 0),
    gone: collections.reduce((sum, { gone = [] }) => sum + gone.length, 0),
    excluded: excluded.length,
    importId: importId ?? null,
    arrived: kind === 'sent' ? sequence !== null && sequence <= acknowledged : null,
    hash,
  }
}

const simple = ['agree', 'decline', 'suspend', 'resume'] as const

/** What the engine would not refuse; narrowing and renewing need to be told what remains, or until when. */
async function actionsOf(desk: Desk, row: SurfaceRow): Promise<ActKind[]> {
  const found: ActKind[] = []
  for (const kind of simple) if (await isPossible(desk, row.id, { kind })) found.push(kind)
  const inForce = (row.agreement?.version ?? 0) > 0
  if (inForce && row.ending === undefined) found.push('narrow')
  const isOver = row.ending !== undefined && row.ending !== 'expired'
  if (inForce && !isOver && mayAsk(row, desk.clock())) found.push('renew')
  if (await isPossible(desk, row.id, { kind: 'withdraw' })) found.push('withdraw')
  return found
}

/** Nothing that was asked is still to be answered. */
function mayAsk({ agreement }: SurfaceRow, now: number): boolean {
  const { pending } = agreement ?? {}
  return pending === undefined || (pending.answerBy !== undefined && now > pending.answerBy)
}

async function isPossible({ surfaces }: Desk, id: string, decision: SurfaceDecision): Promise<boolean> {
  try {
    await surfaces.consequences(id, decision)
    return true
  } catch (error) {
    if (error instanceof LobbyError) return false
    throw error
  }
}
