/** `_meta/sealed-passphrase`: the deed owner's secret, sealed by a provider outside the vault. */
import { randomBytes } from 'node:crypto'
import { TamperedError, ValidationError } from '../errors.ts'
import type { SealingKeyProvider } from '../types/custody.ts'
import type { EncryptedEnvelope, NoydbStore, TxOp } from '../types/store.ts'

const META = '_meta'
const SEALED = 'sealed-passphrase'
const CREDENTIAL_BYTES = 32

export interface Credential {
  /** What the owner's session takes as its secret: the random bytes as base64. */
  readonly secret: string
  /** Empty where it was stored before. */
  readonly ops: readonly TxOp[]
}

/** The stored one, or a new one. @throws ValidationError when another provider sealed it, and what `unseal` throws */
export async function ownerCredential(
  store: NoydbStore,
  vault: string,
  sealing: SealingKeyProvider,
  ts: string,
): Promise<Credential> {
  const row = await store.get(vault, META, SEALED)
  if (row !== null) return { secret: base64(await unseal(row, sealing)), ops: [] }
  const bytes = randomBytes(CREDENTIAL_BYTES)
  const data = { provider: sealing.id, sealed: base64(await sealing.seal(bytes)) }
  const envelope = { _noydb: 1, _v: 1, _ts: ts, _iv: '', _data: JSON.stringify(data) } as const
  const op = { vault, collection: META, id: SEALED, op: 'put', envelope, expectedVersion: 0 } as const
  return { secret: base64(bytes), ops: [op] }
}

async function unseal({ _data }: EncryptedEnvelope, sealing: SealingKeyProvider): Promise<Uint8Array> {
  const { provider, sealed } = parseSealed(_data)
  if (provider !== sealing.id)
    throw new ValidationError(`The owner's secret was sealed by ${provider}, not by ${sealing.id}.`)
  return sealing.unseal(Buffer.from(sealed, 'base64'))
}

function parseSealed(text: string): { provider: string; sealed: string } {
  try {
    const { provider, sealed } = JSON.parse(text) as { provider?: unknown; sealed?: unknown } // checked next
    if (typeof provider === 'string' && typeof sealed === 'string') return { provider, sealed }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new TamperedError("The owner's sealed secret cannot be read.")
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
