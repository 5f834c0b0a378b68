/** Receipts of decisions: made for others to keep, and checked when one comes in. */
import { z } from 'zod'
import { collectionName, fileRef, isoTime, recordId, vaultId } from './common.ts'
import { command, query } from './define.ts'

/** Decisions that stand: about one import, or those of one client or a period. */
const receiptScope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('import'), importId: z.string().min(1).max(64) }),
  z.strictObject({
    kind: z.literal('queue'),
    vault: vaultId.optional(),
    /** From this moment on, and before that one. */
    from: z.iso.datetime().optional(),
    until: z.iso.datetime().optional(),
  }),
])

/** Whose key signed it, as far as this office knows: its own, one it took bundles from, or that party with another key. */
const receiptSigner = z.enum(['own', 'known', 'changed', 'unknown'])
export type ReceiptSigner = z.infer<typeof receiptSigner>

/** The client's audit trail here against the entry the receipt names: `none` where the receipt names no entry. */
const receiptChain = z.enum(['holds', 'broken', 'not-here', 'none'])
export type ReceiptChain = z.infer<typeof receiptChain>

const receiptDecision = z.object({
  vaultName: z.string(),
  collection: collectionName,
  recordId,
  title: z.string(),
  choice: z.enum(['ours', 'theirs', 'base', 'fields', 'delete', 'close']),
  picks: z.array(z.object({ label: z.string(), pick: z.enum(['ours', 'theirs', 'base', 'custom']) })),
  /** Who sent the other side. */
  party: z.string().nullable(),
  actor: z.string(),
  decidedAt: isoTime,
  before: z.number().int(),
  after: z.number().int(),
  reason: z.string().nullable(),
})
export type ReceiptDecisionView = z.infer<typeof receiptDecision>

const receiptView = z.object({
  issuedAt: isoTime,
  party: z.string(),
  fingerprint: z.string(),
  signer: receiptSigner,
  imports: z.array(
    z.object({
      party: z.string().nullable(),
      fileName: z.string().nullable(),
      appliedAt: isoTime,
      undone: z.boolean(),
    }),
  ),
  chains: z.array(z.object({ vaultName: z.string(), state: receiptChain })),
  /** Of all decisions; the first thousand are listed. */
  total: z.number().int(),
  decisions: z.array(receiptDecision),
})
export type ReceiptView = z.infer<typeof receiptView>

export const receiptCalls = {
  /** No file where no decision stands. */
  'receipts.create': command(
    z.strictObject({ scope: receiptScope }),
    z.object({ file: fileRef.nullable(), decisions: z.number().int(), party: z.string() }),
  ),
  /** One that cannot be relied on is refused. */
  'receipts.check': query(z.strictObject({ receipt: fileRef.shape.handle }), receiptView),
} as const
