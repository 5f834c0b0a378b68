/** Puts a vault back to what a snapshot holds, in one transaction, after the snapshot has been proved. */
import type { LongWork, NoydbApi, Transaction } from '@noy-db/hub'
import { replaceVault, type CopiedRow } from '@noy-db/hub/copy'
import { LobbyError } from '../errors.ts'
import { invalid } from './format.ts'
import { readSnapshot } from './read.ts'
import { verifyShardSnapshot, type SnapshotProof } from './verify.ts'

export interface RestoreOptions {
  readonly db: NoydbApi
  /** The snapshot that is meant, where one file may have been put in the place of another. */
  readonly expected?: { readonly id: string; readonly sha256: string }
  /** Looks at what would be replaced, while nobody can write to it; what it throws leaves the vault as it is. */
  readonly inspect?: (stored: AsyncIterable<readonly CopiedRow[]>) => Promise<void>
  /** Stages rows of other vaults that are written with it. */
  readonly alongside?: (tx: Transaction) => Promise<void> | void
}

/**
 * Who may open the vault, and with which keys, stays as it is now. Open handles of this session read anew; those of others
 * have to be opened again.
 * @throws LobbyError SNAPSHOT_INVALID | SNAPSHOT_TOO_NEW | SNAPSHOT_OF_OTHER_VAULT, KeysRenewedError, PermissionDeniedError,
 * StoreCapabilityError; the vault is then as it was
 */
export async function restoreShardSnapshot(
  file: string,
  { db, expected, inspect, alongside }: RestoreOptions,
  work: LongWork = {},
): Promise<SnapshotProof> {
  const proof = await verifyShardSnapshot(
    file,
    { db },
    work.signal === undefined ? {} : { signal: work.signal },
  )
  if (expected !== undefined && (expected.id !== proof.id || expected.sha256 !== proof.sha256))
    throw invalid('it is not the one that was recorded')
  const vault = await db.openVault(proof.vault, { create: false })
  if ((await vault.getBundleHandle()) !== proof.vaultUlid)
    throw new LobbyError(
      'SNAPSHOT_OF_OTHER_VAULT',
      `This snapshot is of another vault than ${vault.name} is now.`,
    )
  const replacement = {
    rows: () => provedRows(file, proof, work),
    ...(inspect !== undefined && { inspect }),
    keyGeneration: proof.keyGeneration,
    command: 'snapshots.restore',
    reason: `Restored from the snapshot ${proof.id} of ${proof.createdAt} (SHA-256 ${proof.sha256}).`,
  }
  await replaceVault(vault, replacement, alongside)
  work.onProgress?.(proof.rows, proof.rows)
  return proof
}

/** The file again, which has to be the one that was proved. */
async function* provedRows(
  file: string,
  proof: SnapshotProof,
  { signal, onProgress }: LongWork,
): AsyncGenerator<readonly CopiedRow[]> {
  let done = 0
  for await (const part of readSnapshot(file, signal === undefined ? {} : { signal })) {
    if ('trailer' in part && part.trailer.sha256 !== proof.sha256)
      throw invalid('it was changed while it was read')
    if (!('rows' in part)) continue
    yield part.rows
    done += part.rows.length
    onProgress?.(done, proof.rows)
  }
}
