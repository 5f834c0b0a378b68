/** Issues receipts: the decisions of the queue, a batch or an import, signed with this office's identity. */
import { createHash } from 'node:crypto'
import { generateULID } from '@noy-db/hub/kernel'
import type { LongWork, NoydbApi } from '@noy-db/hub'
import { canonicalJson } from '../canonical-json.ts'
import { LobbyError } from '../errors.ts'
import { signText } from '../identity/keys.ts'
import { loadIdentity } from '../identity/own-identity.ts'
import { onlySignal, pace } from '../pace.ts'
import { openState } from '../state.ts'
import { collectDecisions } from './collect.ts'
import {
  RECEIPT_FORMAT,
  RECEIPT_HEAD,
  receiptLimits,
  receiptSignedText,
  receiptTail,
  type Receipt,
  type ReceiptDecision,
  type ReceiptScope,
} from './format.ts'

export interface ExportedReceipt {
  readonly id: string
  /** The file. */
  readonly bytes: Uint8Array
  /** Of the file, lowercase hex. */
  readonly sha256: string
  readonly decisions: number
  readonly party: string
}

/**
 * Decisions that stand; one that was undone or recalled is in no receipt made afterwards. Nothing is written.
 * Progress counts decisions.
 * @throws LobbyError CONFLICT_NOT_FOUND (no such batch), IMPORT_NOT_FOUND, EXPORT_LIMIT; what opening a vault throws
 */
export async function exportReceipt(
  db: NoydbApi,
  scope: ReceiptScope,
  work?: LongWork,
): Promise<ExportedReceipt> {
  const state = await openState(db)
  const { party, publicKey, privateKey } = await loadIdentity(state)
  const { decisions, imports, vaults } = await collectDecisions(db, state, scope, work)
  const id = generateULID()
  const head = {
    format: 'lobby-receipt',
    version: RECEIPT_FORMAT,
    id,
    issuedAt: new Date().toISOString(),
    issuedBy: state.vault.userId,
    signer: { party, publicKey },
    scope,
    imports: [...imports],
    vaults: [...vaults],
  } satisfies Omit<Receipt, 'decisions'>
  const parts = await payloadParts(head, decisions, work)
  const signature = signText(receiptSignedText((await encode(parts, work)).sha256), privateKey)
  const file = await encode([RECEIPT_HEAD, ...parts, receiptTail(signature)], work)
  return { id, ...file, decisions: decisions.length, party }
}

/** Canonical JSON in pieces, so that no slice writes all of it: `decisions` is the first of the names in order. */
async function payloadParts(
  head: Omit<Receipt, 'decisions'>,
  decisions: readonly ReceiptDecision[],
  work?: LongWork,
): Promise<string[]> {
  const slices = pace(onlySignal(work))
  const parts = ['{"decisions":[']
  for (const [at, decision] of decisions.entries()) {
    await slices.step()
    parts.push(`${at === 0 ? '' : ','}${canonicalJson(decision)}`)
  }
  return [...parts, '],', canonicalJson(head).slice(1)]
}

/** @throws LobbyError EXPORT_LIMIT, before a receipt is made that no reader would take */
async function encode(
  parts: readonly string[],
  work?: LongWork,
): Promise<Pick<ExportedReceipt, 'bytes' | 'sha256'>> {
  const slices = pace(onlySignal(work))
  const digest = createHash('sha256')
  const pieces: Buffer[] = []
  let size = 0
  for (const part of parts) {
    await slices.step()
    const piece = Buffer.from(part)
    size += piece.length
    digest.update(piece)
    pieces.push(piece)
  }
  if (size > receiptLimits.receiptBytes)
    throw new LobbyError('EXPORT_LIMIT', `A receipt has at most ${receiptLimits.receiptBytes} bytes.`)
  return { bytes: new Uint8Array(Buffer.concat(pieces)), sha256: digest.digest('hex') }
}
