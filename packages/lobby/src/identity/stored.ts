/** Rows of the state vault's `identity` and `recipients` collections. */

/** Keyed by user id. The whole row is sealed by the vault; the private key never leaves it. */
export interface StoredIdentity {
  readonly party: string
  /** Base64 of the 32 raw bytes. */
  readonly publicKey: string
  /** Base64 of the PKCS #8 form. */
  readonly privateKey: string
  readonly createdAt: string
  /** X25519, base64 of the 32 raw bytes. Rows of earlier builds get theirs when they are first read. */
  readonly encryptionKey: string
  /** Base64 of the 32 raw bytes; never leaves the row either. */
  readonly encryptionSeed: string
}

/** Keyed by party: what was last sent to it. */
export interface StoredRecipient {
  readonly party: string
  readonly lastSequence: number
  readonly lastExchangeId: string
  readonly lastSentAt: string
  /** What an answer may refer to, the latest last. */
  readonly exchanges?: readonly string[]
}
