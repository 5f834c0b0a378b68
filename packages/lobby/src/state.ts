/** The state vault as this package uses it: own identity, known senders, recipients, import journal, conflict index. */
import type { CollectionApi, NoydbApi, VaultApi } from '@noy-db/hub'
import { ConflictError, STATE_VAULT_NAME } from '@noy-db/hub'
import type { StoredIdentity, StoredRecipient } from './identity/stored.ts'
import type { KnownSender } from './identity/types.ts'
import type { ImportJournalRow } from './import/types.ts'
import type { ConflictSummary } from './queue/types.ts'

export interface State {
  readonly vault: VaultApi
  readonly identity: CollectionApi<StoredIdentity>
  readonly senders: CollectionApi<KnownSender>
  readonly recipients: CollectionApi<StoredRecipient>
  readonly journal: CollectionApi<ImportJournalRow>
  readonly index: CollectionApi<ConflictSummary>
}

export async function openState(db: NoydbApi): Promise<State> {
  const vault = await db.openVault(STATE_VAULT_NAME)
  return {
    vault,
    identity: vault.collection('identity'),
    senders: vault.collection('senders'),
    recipients: vault.collection('recipients'),
    journal: vault.collection('importJournal'),
    index: vault.collection('conflictIndex'),
  }
}

/** Makes a row that exists once; of two calls at the same time, both get the one that was first. */
export async function putOnce<T>(collection: CollectionApi<T>, id: string, made: T): Promise<T> {
  try {
    await collection.put(id, made, { expectedVersion: 0, reason: `${collection.name}:create` })
    return made
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    return (await collection.get(id)) ?? made
  }
}
