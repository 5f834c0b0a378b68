/** Who signs, who is known, and how a container names its sender (decision 13). */

/** Public half of a user's Ed25519 identity in this workspace. */
export interface Identity {
  readonly party: string
  /** Base64 of the 32 raw bytes. */
  readonly publicKey: string
  /** First 16 hex digits of SHA-256 of the raw key, in groups of four, for reading aloud. */
  readonly fingerprint: string
  /** Base64 of the 32 raw bytes of the X25519 key others seal transfer keys to. */
  readonly encryptionKey: string
}

/** Additional member `sender` of a container manifest; readers that do not know it still read the bundle. */
export interface SenderBlock {
  readonly party: string
  readonly publicKey: string
  readonly exchangeId: string
  /** From 1, per recipient, without gaps. */
  readonly sequence: number
  /** Exchange id of the message before it; null for the first. */
  readonly previous: string | null
  /** Exchange this one replies to. */
  readonly answers?: string
  /** What stands at the sender of the receiver's messages, the latest last. */
  readonly taken?: readonly string[]
  readonly counts: { readonly records: number; readonly compartments: number }
  /** ISO-8601. */
  readonly createdAt: string
  /** X25519 key the sender opens sealed keys with; base64 of the 32 raw bytes. */
  readonly encryptionKey?: string
  /** Body formats of partitions the sender reads; format 1 without it. */
  readonly bodyFormats?: readonly number[]
  /** Base64 Ed25519 over the canonical manifest without this member, plus the inner hashes. */
  readonly signature: string
}

export type SenderState =
  /** No sender block: nothing is known about who made the file. */
  | 'unsigned'
  | 'unknown'
  | 'known'
  /** A known party with another key. */
  | 'changed'

export type SequenceState = 'first' | 'next' | 'replay' | 'gap' | 'fork' | 'none'

export interface SenderCheck {
  readonly state: SenderState
  readonly sequenceState: SequenceState
  readonly party: string | null
  readonly fingerprint: string | null
  readonly exchangeId: string | null
  readonly sequence: number | null
  /** Sequence last received from this party. */
  readonly lastSequence: number | null
  readonly knownSince: string | null
  readonly createdAt: string | null
}

/** Row of the state vault's `senders` collection, keyed by party. */
export interface KnownSender {
  readonly party: string
  readonly publicKey: string
  readonly fingerprint: string
  readonly firstSeen: string
  readonly lastSequence: number
  /** Empty where only its card was taken so far. */
  readonly lastExchangeId: string
  /** As in the sender block, as last said under this key. */
  readonly encryptionKey?: string
  readonly bodyFormats?: readonly number[]
}
