/** Operations that are made elsewhere and become part of a transaction: a vault that is replaced as a whole. */
import type { TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'

export interface Alongside {
  /** Locked with the others; nothing of it may be staged. */
  readonly core: VaultCore
  /** Under the locks, before each attempt: the last chance to ask the store. */
  prepare(): Promise<void>
  operations(txId: string, ts: string): AsyncIterable<readonly TxOp[]>
  /** The store has them. */
  written(): Promise<void>
}
