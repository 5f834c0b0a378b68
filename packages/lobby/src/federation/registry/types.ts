/** Rows of the control plane (lobby 0.2.0-pre.28). What the declarations do not have is optional and marked "ours". */
import type { IndexDef } from '@noy-db/hub/kernel'
import type { FieldAuthorityPolicy, MergeStrategy } from '../../interchange/types.ts'
import type { SurfaceAgreement, SurfaceEnding } from '../../surfaces/agreement-types.ts'

export interface CapturedBlueprint {
  readonly collections: string[]
  readonly indexes: Record<string, IndexDef[]>
  readonly persistJsonSchema: string[]
}

export interface SchemaManifestRow {
  readonly templateName: string
  readonly version: number
  readonly collections: string[]
  readonly indexes: Record<string, IndexDef[]>
  readonly persistJsonSchema: string[]
  readonly fingerprint: string
  readonly recordedAt: number
  /** Ours: SHA-256 over what the fingerprint leaves out: schemas, references, provenance, size class. */
  readonly shape?: string
}

export interface DeploymentEvent {
  readonly id: string
  readonly ts: number
  readonly type:
    | 'shard-created'
    | 'manifest-recorded'
    | 'group-opened'
    | 'migration-started'
    | 'migration-completed'
    | 'migration-failed'
    | 'unit-graduated'
  readonly group: string
  readonly vaultId?: string
  readonly templateName?: string
  readonly version?: number
  readonly actor?: string
  readonly detail?: string
  /** Ours: place in the log from 1, hash of the event before it, and SHA-256 over all of the event. */
  readonly seq?: number
  readonly previous?: string
  readonly hash?: string
}

export interface MigrationStatusRow {
  readonly vaultId: string
  readonly group: string
  readonly currentVersion: number
  readonly targetVersion: number
  readonly status: 'pending' | 'running' | 'done' | 'failed'
  readonly startedAt?: number
  readonly finishedAt?: number
  /** Records, over all attempts towards this target. */
  readonly migrated?: number
  readonly error?: string
  /** Ours: how often it was started towards this target. */
  readonly attempts?: number
  /** Ours: what a `pending` or `running` row is at. */
  readonly phase?: 'waiting for access' | 'waiting for another session' | 'cutover'
  /** Ours: of a row that waits for another session, when that one answers for the shard no more unless it says so again; milliseconds since the epoch. */
  readonly waitingUntil?: number
  /** Ours: the vault's schema generation before the first attempt towards this target. */
  readonly fromGeneration?: number
}

export type SurfaceDirection = 'push' | 'pull' | 'bidi'
export type SurfaceStatus = 'proposed' | 'agreed' | 'suspended'

export interface SurfaceConflictPolicy {
  readonly strategy: MergeStrategy | (Record<string, MergeStrategy> & { default?: MergeStrategy })
  readonly fieldAuthority?: Record<string, FieldAuthorityPolicy>
}

export interface SurfaceRow {
  readonly id: string
  readonly collections: readonly string[]
  readonly fields?: Record<string, readonly string[]>
  readonly direction: SurfaceDirection
  readonly conflictPolicy: SurfaceConflictPolicy
  readonly cadenceMs?: number
  readonly status: SurfaceStatus
  readonly proposedBy: string
  readonly agreedBy?: string
  readonly createdAt: number
  readonly lastSyncAt?: number
  readonly nextSyncDueAt?: number
  /** Ours: when it was countersigned; milliseconds since the epoch. */
  readonly agreedAt?: number
  /** Ours: the agreement ends here; milliseconds since the epoch. Nothing is exchanged from then on. */
  readonly expiresAt?: number
  /** Ours: why a `suspended` row will not be taken up again. */
  readonly ending?: SurfaceEnding
  /** Ours: version, who suspended it, what is asked, and the keys of both parties where it is signed. */
  readonly agreement?: SurfaceAgreement
}
