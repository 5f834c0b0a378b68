/** The state vault as this package uses it: own identity, known senders, recipients, import journal, conflict index. */
import type { CollectionApi, NoydbApi, VaultApi } from '@noy-db/hub'
import { STATE_VAULT_NAME } from '@noy-db/hub'
import type { StoredIdentity, StoredRecipient } from './identity/stored.ts'
import type { KnownSender } from './identity/types.ts'
import type { ImportJournalRow } from './import/types.ts'
import type { ConflictSummary } from './queue/types.ts'

export const IDENTITY = 'identity'
export const SENDERS = 'senders'
export const RECIPIENTS = 'recipients'
export const IMPORT_JOURNAL = 'importJournal'
export const CONFLICT_INDEX = 'conflictIndex'

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
    identity: vault.collection(IDENTITY),
    senders: vault.collection(SENDERS),
    recipients: vault.collection(RECIPIENTS),
    journal: vault.collection(IMPORT_JOURNAL),
    index: vault.collection(CONFLICT_INDEX),
  }
}
