/** Entry point `@noy-db/hub/sealing`: the hub's ciphers and key derivation, for the formats of engines built on it. */
export { importKey, newKey, openBytes, sealBytes } from './crypto/aead.ts'
export { openBox, publicKeyOf, sealBox } from './crypto/curve25519.ts'
export {
  DEFAULT_KDF,
  deriveMaster as deriveKey,
  newSaltRow,
  parseSaltRow,
  type SaltRow,
} from './crypto/kdf.ts'
