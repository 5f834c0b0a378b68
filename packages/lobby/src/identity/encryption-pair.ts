/** The X25519 key others seal to. */
import { newKey, publicKeyOf } from '@noy-db/hub/sealing'

/** A pair of its own: a signing key that also opens things could be made to do the one by asking for the other. */
export function newEncryptionPair(): { encryptionKey: string; encryptionSeed: string } {
  const seed = newKey()
  return {
    encryptionKey: publicKeyOf('x25519', seed),
    encryptionSeed: seed.export().toString('base64'),
  }
}
