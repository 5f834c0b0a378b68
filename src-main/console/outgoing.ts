/** The services that make files for others: bundles, tables and receipts. */
import { createExports, type ExportsParts, type ExportsService } from './exports/exports.ts'
import { createReceipts, type ReceiptsService } from './receipts/receipts.ts'
import type { Session } from './session.ts'

export interface Outgoing {
  readonly exports: ExportsService
  readonly receipts: ReceiptsService
}

export function createOutgoing(session: Session, parts: ExportsParts): Outgoing {
  return { exports: createExports(session, parts), receipts: createReceipts(session, parts.files) }
}
