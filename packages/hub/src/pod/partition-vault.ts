/** What walking, extracting and describing ask of a vault. */
import type { CollectionApi } from '../types/collection.ts'
import type { VaultIntrospectState } from '../types/vault.ts'

export type PartitionState = Pick<
  VaultIntrospectState,
  'adapter' | 'name' | 'userId' | 'role' | 'refRegistry' | 'getDEK' | 'openEnvelope'
>

export interface PartitionVault {
  collection<T>(name: string): Pick<CollectionApi<T>, 'entries' | 'entry'>
  _introspectState(): PartitionState
  _drainPendingSchemaWrites(): Promise<void>
}
