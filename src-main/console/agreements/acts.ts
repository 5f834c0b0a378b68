/** Acts of this office: proposed, decided, and handed out as files. */
import type { IssuedAct, SurfaceDecision } from '@klum-db/lobby'
import { generateULID } from '@noy-db/hub/kernel'
import type { AgreementDecision } from '../../../src-shared/ipc/agreement-views.ts'
import type { FileRef } from '../../../src-shared/ipc/common.ts'
import type { HandlerInput } from '../../../src-shared/ipc/define.ts'
import type { AppContract } from '../../../src-shared/ipc/contract.ts'
import { suggestKey } from '../../../src-shared/model/client-key.ts'
import { AppError } from '../app-error.ts'
import type { FilesService } from '../files.ts'
import { counterpartOf, type Desk, withClient } from './desk.ts'
import { partyKey } from './people.ts'
import { sliceOf, termsOf } from './terms.ts'

export interface Handed {
  readonly id: string
  readonly file: FileRef
}

export type ProposeRequest = HandlerInput<AppContract['agreements.propose']>

export async function propose(desk: Desk, files: FilesService, request: ProposeRequest): Promise<Handed> {
  const { vaultId, party, terms, answerBy, reason } = request
  const id = generateULID()
  const vault = await desk.open.vault(vaultId)
  const issued = await desk.surfaces.propose({ id, ...termsOf(terms) }, await partyKey(desk, party), {
    vault,
    ...(await withClient(desk, id, vaultId)),
    ...(answerBy !== null && { answerBy: Date.parse(answerBy) }),
    ...(reason !== undefined && { reason }),
  })
  return handed(desk, files, issued)
}

export async function decide(
  desk: Desk,
  files: FilesService,
  id: string,
  decision: AgreementDecision,
  vaultId: string | undefined,
): Promise<Handed> {
  const also = await withClient(desk, id, vaultId)
  return handed(desk, files, await desk.surfaces.decide(id, decisionOf(decision), also))
}

export function decisionOf(decision: AgreementDecision): SurfaceDecision {
  const { reason } = decision
  const why = reason === undefined || reason === '' ? {} : { reason }
  if (decision.kind === 'narrow') return { kind: 'narrow', ...sliceOf(decision.slice), ...why }
  if (decision.kind === 'renew') {
    const { answerBy = null, expiresAt } = decision
    const answer = answerBy === null ? {} : { answerBy: Date.parse(answerBy) }
    return { kind: 'renew', expiresAt: Date.parse(expiresAt), ...answer, ...why }
  }
  return { kind: decision.kind, ...why }
}

/** @throws AppError NOT_FOUND */
export async function ownFile(desk: Desk, files: FilesService, id: string, number: number): Promise<FileRef> {
  const { publicKey } = desk.identity
  const kept = await desk.surfaces.files(id)
  const found = kept.find(({ act }) => act.number === number && act.by.publicKey === publicKey)
  if (found === undefined) throw new AppError('NOT_FOUND')
  const row = await desk.surfaces.get(id)
  return offerAct(desk, files, { ...found, row })
}

function handed(desk: Desk, files: FilesService, issued: IssuedAct): Handed {
  return { id: issued.row.id, file: offerAct(desk, files, issued) }
}

function offerAct(
  desk: Desk,
  files: FilesService,
  { row, act, file }: Pick<IssuedAct, 'row' | 'act' | 'file'>,
): FileRef {
  return offerFile(desk, files, counterpartOf(desk, row).party, `${act.act}-${act.number}`, file)
}

/** "alder-co-to-harbour-bookkeeping-propose-1.agreement.json". */
export function offerFile(
  { open }: Desk,
  files: FilesService,
  party: string,
  what: string,
  text: string,
): FileRef {
  const name = `${suggestKey(open.profile.firmName)}-to-${suggestKey(party)}-${what}.agreement.json`
  return files.offer(name, Buffer.from(text, 'utf8'))
}
