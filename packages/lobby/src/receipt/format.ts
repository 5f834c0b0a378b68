/**
 * A receipt: what was decided about conflicts, by whom and from which versions, signed by the office that issues it.
 * `docs/receipt-format.md` describes its bytes.
 */
import { z } from 'zod'
import { canonicalJson } from '../canonical-json.ts'
import { LobbyError } from '../errors.ts'
import { PublicKey, Signature } from '../identity/key-shapes.ts'

export const RECEIPT_FORMAT = 1

/** `docs/limits.md` prints this table and a test compares the two. */
export const receiptLimits = {
  /** Bytes of a receipt's file. */
  receiptBytes: 128 * 1024 * 1024,
  /** Decisions of one receipt. */
  receiptDecisions: 100_000,
} as const

const ulid = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/)
const instant = z.iso.datetime()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const name = z.string().min(1).max(1024)
const words = z.string().max(100_000)
const path = z.string().max(4096)
const count = z.int().min(0)
/** Null where there was no record. */
const hashOfBody = sha256.nullable()

const scope = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('queue'),
    vault: name.optional(),
    collection: name.optional(),
    /** Decided at this moment or later, and before that one. */
    from: instant.optional(),
    until: instant.optional(),
  }),
  z.strictObject({ kind: z.literal('batch'), batchId: name }),
  z.strictObject({ kind: z.literal('import'), importId: name }),
])

const sideOrigin = z.strictObject({
  by: words.nullable(),
  at: words.nullable(),
  source: words.optional(),
  version: count,
})

const decision = z.strictObject({
  vault: name,
  collection: name,
  recordId: name,
  conflictId: name,
  kind: name,
  status: z.enum(['decided', 'closed']),
  importId: name,
  /** Who sent the other side; null where the bundle was not signed. */
  party: words.nullable(),
  /** Paths that differed when it was queued. */
  fields: z.array(path),
  /** Fields the sender narrowed the record to; `theirs` holds no others. */
  slice: z.array(path).optional(),
  duplicateOf: name.optional(),
  /** SHA-256 over the canonical JSON of each body. `before` is what the decision replaced, `result` what it left. */
  hashes: z.strictObject({
    base: hashOfBody,
    ours: hashOfBody,
    theirs: hashOfBody,
    before: hashOfBody,
    result: hashOfBody,
  }),
  origins: z.strictObject({
    ours: sideOrigin,
    theirs: sideOrigin,
    base: z.strictObject({ exchangeId: name, at: instant }).nullable(),
  }),
  versions: z.strictObject({ before: count, after: count }),
  choice: z.enum(['ours', 'theirs', 'base', 'fields', 'delete', 'close']),
  /** Of the choice `fields`, by path; the value of a custom pick is in `result` alone. */
  picks: z.array(z.strictObject({ path, pick: z.enum(['ours', 'theirs', 'base', 'custom']) })).optional(),
  reason: words.nullable(),
  actor: name,
  batchId: name,
  queuedAt: instant,
  decidedAt: instant,
})

const importFacts = z.strictObject({
  importId: name,
  containerSha256: sha256,
  party: words.nullable(),
  senderFingerprint: words.nullable(),
  exchangeId: words.nullable(),
  sequence: count.nullable(),
  fileName: words.nullable(),
  appliedAt: instant,
  actor: name,
  status: z.enum(['applied', 'undone']),
})

const vaultFacts = z.strictObject({
  vault: name,
  vaultUlid: ulid,
  /** Newest entry of the vault's audit chain when the receipt was made; null where it keeps none. */
  audit: z.strictObject({ seq: count, hash: sha256 }).nullable(),
})

const payload = z.strictObject({
  format: z.literal('lobby-receipt'),
  version: z.literal(RECEIPT_FORMAT),
  id: ulid,
  issuedAt: instant,
  issuedBy: name,
  signer: z.strictObject({ party: name, publicKey: PublicKey }),
  scope,
  imports: z.array(importFacts),
  vaults: z.array(vaultFacts),
  /** In the order of deciding. */
  decisions: z.array(decision).max(receiptLimits.receiptDecisions),
})

const receiptFile = z.strictObject({
  payload,
  signature: z.strictObject({
    algorithm: z.literal('ed25519'),
    value: Signature,
  }),
})

/** Which decisions: all that stand (of one vault, collection or period), one command's, or those about one import. */
export type ReceiptScope = z.output<typeof scope>
export type ReceiptDecision = z.output<typeof decision>
export type ReceiptImport = z.output<typeof importFacts>
export type ReceiptVault = z.output<typeof vaultFacts>
export type Receipt = z.output<typeof payload>
export type ReceiptFile = z.output<typeof receiptFile>

/** What is signed: this domain, then the SHA-256 (lowercase hex) of the payload's bytes. */
export function receiptSignedText(payloadSha256: string): string {
  return `lobby-receipt-1\n${payloadSha256}`
}

/** The file is this, the payload as canonical JSON, and the tail. */
export const RECEIPT_HEAD = '{"payload":'

export function receiptTail(signature: string): string {
  return `,"signature":${canonicalJson({ algorithm: 'ed25519', value: signature })}}\n`
}

/** @throws LobbyError RECEIPT_INVALID | RECEIPT_TOO_NEW */
export function parseReceipt(value: unknown): ReceiptFile {
  const stated = z.looseObject({ payload: z.looseObject({ version: z.number() }) }).safeParse(value)
  if (stated.success && stated.data.payload.version > RECEIPT_FORMAT)
    throw new LobbyError(
      'RECEIPT_TOO_NEW',
      `This receipt has format ${stated.data.payload.version}; ${RECEIPT_FORMAT} is known here.`,
    )
  const parsed = receiptFile.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalidReceipt(`it is not as it should be at "${issue?.path.join('.') ?? ''}"`)
}

export function invalidReceipt(what: string): LobbyError {
  return new LobbyError('RECEIPT_INVALID', `This is no receipt that can be relied on: ${what}.`)
}
