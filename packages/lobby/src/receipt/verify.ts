/** Checks a receipt offline: nothing is needed but the file, and nothing of a workspace is read. */
import { canonicalJson, sha256 } from '../canonical-json.ts'
import { LobbyError } from '../errors.ts'
import { fingerprintOf, isSignedBy } from '../identity/keys.ts'
import {
  invalidReceipt,
  parseReceipt,
  RECEIPT_HEAD,
  receiptLimits,
  receiptSignedText,
  receiptTail,
  type Receipt,
} from './format.ts'

export interface VerifyReceiptOptions {
  /** Base64 of the 32 raw bytes of the key that must have signed it. */
  readonly publicKey?: string
}

export interface ReceiptProof {
  readonly receipt: Receipt
  /** Of the whole file, lowercase hex. */
  readonly sha256: string
  readonly party: string
  readonly publicKey: string
  /** To be compared with what the party reads out, where no key was given. */
  readonly fingerprint: string
  /** Whether the key was compared with one that the caller knew. */
  readonly keyCompared: boolean
}

/**
 * The receipt is whole, in its one spelling, and signed by the key it names. Whose key that is, is known where
 * `publicKey` was given; else compare the fingerprint.
 * @throws LobbyError RECEIPT_INVALID | RECEIPT_TOO_NEW | SIGNATURE_INVALID | RECEIPT_OF_OTHER_KEY
 */
export function verifyReceipt(bytes: Uint8Array, options: VerifyReceiptOptions = {}): ReceiptProof {
  const { payload, signature } = parseReceipt(parse(bytes))
  const text = canonicalJson(payload)
  const whole = Buffer.from(RECEIPT_HEAD + text + receiptTail(signature.value))
  if (!whole.equals(bytes)) throw invalidReceipt('it is not in the one spelling that a receipt has')
  const { party, publicKey } = payload.signer
  if (!isSignedBy(receiptSignedText(sha256(text)), signature.value, publicKey))
    throw new LobbyError('SIGNATURE_INVALID', `The signature of ${party} does not match this receipt.`)
  if (options.publicKey !== undefined && !isSameKey(options.publicKey, publicKey))
    throw new LobbyError(
      'RECEIPT_OF_OTHER_KEY',
      `This receipt was signed by another key than the expected one.`,
    )
  return {
    receipt: payload,
    sha256: sha256(bytes),
    party,
    publicKey,
    fingerprint: fingerprintOf(publicKey),
    keyCompared: options.publicKey !== undefined,
  }
}

function parse(bytes: Uint8Array): unknown {
  const { receiptBytes } = receiptLimits
  if (bytes.length > receiptBytes) throw invalidReceipt(`it has more than ${receiptBytes} bytes`)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw invalidReceipt('it is not readable as JSON')
  }
}

function isSameKey(left: string, right: string): boolean {
  return Buffer.from(left, 'base64').equals(Buffer.from(right, 'base64'))
}
