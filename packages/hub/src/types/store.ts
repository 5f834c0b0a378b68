/** The store port: what the hub asks of whatever keeps the envelopes. Stores see ciphertext and clear metadata only. */

/** One stored record version. All members but `_data` are readable without a key. */
export interface EncryptedEnvelope {
  readonly _noydb: 1
  /** Version, from 1, one more at each write; never restarts after a delete. */
  readonly _v: number
  /** Write time, `toISOString()` form. */
  readonly _ts: string
  /** Base64 initialisation vector (12 bytes); empty when not encrypted. */
  readonly _iv: string
  /** Base64 ciphertext and tag, or plain JSON text when not encrypted. */
  readonly _data: string
  /** User id of the writer. */
  readonly _by?: string
  /** Provenance label, and the time it states. */
  readonly _source?: string
  readonly _sourceTs?: string
  /** 1 when the clear members are bound to the ciphertext as associated data. */
  readonly _aad?: 1
  /** The schema generation a cutover rewrote it for, on a store without `tx`; bound to the ciphertext. */
  readonly _gen?: number
}

/** Collection -> id -> envelope, user collections only. */
export type VaultSnapshot = Record<string, Record<string, EncryptedEnvelope>>

export interface ListPageResult {
  items: Array<{ id: string; envelope: EncryptedEnvelope }>
  nextCursor: string | null
}

export type StoreAuthKind =
  'none' | 'filesystem' | 'api-key' | 'iam' | 'oauth' | 'kerberos' | 'browser-origin'

export interface StoreCapabilities {
  casAtomic: boolean
  auth: {
    kind: StoreAuthKind | StoreAuthKind[]
    required: boolean
    flow: 'static' | 'oauth' | 'kerberos' | 'implicit'
  }
  /** `tx` is all or nothing, over every vault of this store. */
  txAtomic?: boolean
  /** `tx` understands `op: 'copy'`. */
  txCopy?: boolean
  /** `list` names rows in the order in which `listPage` gives them, so that pages stand for it. */
  idOrder?: boolean
  maxBlobBytes?: number
  /** Data-residency label, for instance `eu`. */
  region?: string
}

/** Put or delete one row. `expectedVersion: 0` means the row must be absent; both ops honour it. */
export interface TxWriteOp {
  readonly vault: string
  readonly collection: string
  readonly id: string
  readonly op: 'put' | 'delete'
  readonly envelope?: EncryptedEnvelope
  readonly expectedVersion?: number
}

/**
 * Copy the row as it stands at this point of the transaction to another place of the same vault.
 * Keeps an earlier version without its ciphertext leaving the store. An absent source copies nothing.
 */
export interface TxCopyOp {
  readonly vault: string
  readonly collection: string
  readonly id: string
  readonly op: 'copy'
  readonly toCollection: string
  readonly toId: string
}

/** Fails the transaction unless the row is at this version; 0 = absent. Writes nothing. */
export interface TxCheckOp {
  readonly vault: string
  readonly collection: string
  readonly id: string
  readonly op: 'check'
  readonly expectedVersion: number
}

/**
 * The tokens under which `listByToken` finds the row become these; none = it is found under none. Without the row
 * at `expectedVersion` the transaction fails.
 */
export interface TxIndexOp {
  readonly vault: string
  readonly collection: string
  readonly id: string
  readonly op: 'index'
  readonly tokens: readonly string[]
  readonly expectedVersion?: number
}

/** Applied in order; a failing one leaves no trace of any. `check` and `index` only where `listByToken` is. */
export type TxOp = TxWriteOp | TxCopyOp | TxCheckOp | TxIndexOp

export interface NoydbStore {
  name?: string
  readonly capabilities?: StoreCapabilities
  get(vault: string, collection: string, id: string): Promise<EncryptedEnvelope | null>
  /** @throws ConflictError when a row exists and its `_v` differs from `expectedVersion`. */
  put(
    vault: string,
    collection: string,
    id: string,
    envelope: EncryptedEnvelope,
    expectedVersion?: number,
  ): Promise<void>
  delete(vault: string, collection: string, id: string): Promise<void>
  list(vault: string, collection: string): Promise<string[]>
  /** Every user collection; names starting with `_` are left out. */
  loadAll(vault: string): Promise<VaultSnapshot>
  /** Writes user collections; reserved ones are left alone. */
  saveAll(vault: string, data: VaultSnapshot): Promise<void>
  ping?(): Promise<boolean>
  listVaults?(): Promise<string[]>
  /** Rows in id order. `cursor` is opaque; `nextCursor` is null on the last page. Default limit 100. */
  listPage?(vault: string, collection: string, cursor?: string, limit?: number): Promise<ListPageResult>
  listSince?(vault: string, collection: string, since: string): Promise<string[]>
  /** Several rows of one collection in one call, in the order of `ids`, null where absent. */
  getMany?(
    vault: string,
    collection: string,
    ids: readonly string[],
  ): Promise<Array<EncryptedEnvelope | null>>
  /**
   * Rows found under any of the tokens, in id order, each once; pages as in `listPage`. A store with this method
   * understands `op: 'index'` and `op: 'check'` in its transactions.
   */
  listByToken?(
    vault: string,
    collection: string,
    tokens: readonly string[],
    cursor?: string,
    limit?: number,
  ): Promise<ListPageResult>
  /** Names of the collections that hold at least one row, reserved ones included. */
  listCollections?(vault: string): Promise<string[]>
  /** All or nothing. @throws ConflictError when an `expectedVersion` does not hold. */
  tx?(ops: readonly TxOp[]): Promise<void>
  /**
   * `tx` over operations that are still being made: batch after batch, committed after the last one. An iterator that
   * throws leaves no trace of any. While it runs the store may answer nothing else, so what makes the batches asks it nothing.
   */
  txStream?(batches: AsyncIterable<readonly TxOp[]>): Promise<void>
  /** Row count and stored bytes (envelope payloads), reserved collections included. */
  stats?(vault: string): Promise<StoreStats>
}

export interface StoreStats {
  records: number
  bytes: number
  collections: Record<string, { records: number; bytes: number }>
}
