/** Receipts of decisions: signed by this office for others to keep, and those of others looked at. */
import { exportReceipt, LobbyError, type ReceiptProof, verifyReceipt } from '@klum-db/lobby'
import type { InputOf, OutputOf } from '../../../src-shared/ipc/contract.ts'
import type { CallContext } from '../../../src-shared/ipc/define.ts'
import { suggestKey } from '../../../src-shared/model/client-key.ts'
import type { FilesService } from '../files.ts'
import type { Session } from '../session.ts'
import { receiptView } from './receipt-view.ts'

export interface ReceiptsService {
  create(request: InputOf<'receipts.create'>, context: CallContext): Promise<OutputOf<'receipts.create'>>
  check(receipt: string, context: CallContext): Promise<OutputOf<'receipts.check'>>
}

export function createReceipts(session: Session, files: FilesService): ReceiptsService {
  return {
    create: ({ scope }, { signal, progress }) =>
      session.use(async (open) => {
        const made = await exportReceipt(open.db, scope, { signal, onProgress: progress })
        const { bytes, decisions, party } = made
        const name = `${suggestKey(party)}-receipt-${open.now().slice(0, 10)}.receipt.json`
        return { file: decisions === 0 ? null : files.offer(name, bytes), decisions, party }
      }),
    check: (receipt, { signal }) =>
      session.use(async (open) => {
        const { bytes } = await files.read(receipt)
        return receiptView(open, proofOf(bytes), signal)
      }),
  }
}

/** What a person does about a signature that does not match is the same as about any other change. */
function proofOf(bytes: Uint8Array): ReceiptProof {
  try {
    return verifyReceipt(bytes)
  } catch (cause) {
    if (!(cause instanceof LobbyError) || cause.code !== 'SIGNATURE_INVALID') throw cause
    throw new LobbyError('RECEIPT_INVALID', cause.message, { cause })
  }
}
