/** A stand-in for a real key store, for tests and demonstrations: its key follows from its id, so it hides nothing. */
import { createHash, type KeyObject } from 'node:crypto'
import { importKey, openBytes, sealBytes } from '../crypto/aead.ts'
import { ValidationError } from '../errors.ts'
import type { SealingKeyProvider } from '../types/custody.ts'

export class MemorySealingKeyProvider implements SealingKeyProvider {
  readonly id: string
  readonly #key: KeyObject

  /** @throws ValidationError without an id */
  constructor({ id }: { id: string }) {
    if (typeof id !== 'string' || id === '') throw new ValidationError('A sealing provider needs an id.')
    this.id = id
    this.#key = importKey(createHash('sha256').update(`noydb memory sealing v1 ${id}`).digest())
  }

  async seal(passphrase: Uint8Array): Promise<Uint8Array> {
    return Uint8Array.from(sealBytes(this.#key, passphrase))
  }

  /** @throws DecryptionError */
  async unseal(sealed: Uint8Array): Promise<Uint8Array> {
    return Uint8Array.from(openBytes(this.#key, sealed))
  }
}
