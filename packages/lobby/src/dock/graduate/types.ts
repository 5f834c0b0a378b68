/** Types of a graduation (lobby 0.2.0-pre.28). What the declarations do not have is optional and marked "ours". */
import type { LongWork, SealingKeyProvider } from '@noy-db/hub'
import type { Vault } from '@noy-db/hub/kernel'
import type { StateManagementVault } from '../../federation/registry/state-management-vault.ts'
import type { VaultTemplate } from '../../federation/types.ts'

type Body = Record<string, unknown>

/** One foreign row to one record; what it leaves as `id` does not matter, the row's own id is kept. */
export type RowMapping = (row: Body) => Body

/** Ours: the part of a vault group that takes a vault which is there already. */
export interface GraduationGroup {
  shardVaultId(partitionKey: string): string
  createShard(partitionKey: string): Promise<Vault>
}

export interface GraduateOptions extends LongWork {
  readonly vaultName: string
  readonly template: VaultTemplate
  /** By target collection. Ours: several are applied one after the other. */
  readonly mapping?: Readonly<Record<string, RowMapping | readonly RowMapping[]>>
  /** Foreign collection -> target collection; the same name where it has no entry. */
  readonly collectionMap?: Readonly<Record<string, string>>
  readonly deed?: { readonly ownerId: string; readonly sealingProvider: SealingKeyProvider }
  readonly stateVault?: StateManagementVault
  /** Ours: registers the vault as this shard afterwards; `vaultName` must be the shard's. */
  readonly register?: { readonly group: GraduationGroup; readonly partitionKey: string }
}

export interface GraduationReport {
  readonly vaultName: string
  /** By target collection: records that are in the vault now. */
  readonly collections: Record<string, { readonly graduated: number }>
  readonly deedSealed: boolean
  readonly event: { readonly type: 'unit-graduated'; readonly unitId: string; readonly vault: string }
  /** Ours: what went wrong after the records were in; the graduation stands. */
  readonly warnings?: readonly GraduationWarning[]
  /** Ours: undo it with this. */
  readonly importId?: string
}

export interface GraduationWarning {
  readonly step: 'event' | 'registration'
  readonly message: string
}

/** Ours: a row that keeps a unit from graduating. `row` counts from 1 within its foreign collection. */
export interface GraduationFault {
  readonly collection: string
  readonly row: number
  readonly id: string | null
  readonly message: string
}
