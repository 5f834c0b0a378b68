/** What walking, extracting and describing ask of a vault. */
import type { CollectionApi } from '../types/collection.ts'
import type { RefDescriptor } from '../types/schema.ts'
import type { EncryptedEnvelope, NoydbStore } from '../types/store.ts'
import type { Role } from '../types/vault.ts'

export interface PartitionState {
  /** The store as it was given. */
  readonly adapter: NoydbStore
  readonly name: string
  readonly userId: string
  readonly role: Role
  readonly refRegistry: {
    getOutbound(collection: string): Readonly<Record<string, RefDescriptor>>
    getInbound(target: string): ReadonlyArray<{ readonly collection: string; readonly field: string }>
  }
  /** The JSON value of a stored row. */
  openEnvelope(collection: string, id: string, envelope: EncryptedEnvelope): unknown
}

export interface PartitionVault {
  collection<T>(name: string): Pick<CollectionApi<T>, 'entries' | 'get'>
  _introspectState(): PartitionState
  _drainPendingSchemaWrites(): Promise<void>
}
