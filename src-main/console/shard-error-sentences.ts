/** What happened to a campaign, a shard or a snapshot: what happened, what was not changed, what to do next. */
export const shardSentences = {
  CAMPAIGN_BUSY:
    'Somebody else runs a migration of this group just now. Nothing was changed. Wait until it ends, or ask them to pause it.',
  CAMPAIGN_CHANGED_SINCE:
    'Records were changed since the backup, and restoring it would lose that. Nothing was changed. Look at what would be lost, then say so or leave it.',
  CAMPAIGN_EMPTY:
    'No client of this group is behind that version. Nothing was changed. There is nothing to migrate.',
  CAMPAIGN_ENDED: 'This migration has ended. Nothing was changed. Plan a new one for what is left.',
  CAMPAIGN_NOT_FOUND:
    'There is no such migration in this group. Nothing was changed. Go back and refresh the list.',
  CAMPAIGN_OPEN:
    'A migration of this group has not ended yet. Nothing was changed. Go on with that one, or cancel it first.',
  CAMPAIGN_SHARD_STATE:
    'There is nothing to retry for this client: it neither failed nor waits for access. Nothing was changed. Refresh the list.',
  CAMPAIGN_SHARD_UNKNOWN:
    'This client is no part of the migration. Nothing was changed. Choose one from its list.',
  CAMPAIGN_TAKEN_OVER:
    'Somebody else took this migration over, so it was stopped here. Clients that were done stay done; nothing was changed halfway. See how far it is there.',
  SHARD_ARCHIVED: 'This client is archived. Nothing was changed. Restore it before you write to it.',
  SHARD_MIGRATION_FAILED:
    'This client could not be brought to the current version, so it was not opened. Nothing was changed. Look at why in the migration, then retry it.',
  SHARD_MIGRATION_WAITING:
    'This client has to be brought to the current version before it opens. Nothing was changed. Run its migration, or ask somebody with access to.',
  SHARD_REMOVED: 'This client was removed. Nothing was changed. Restore it first.',
  SHARD_TIMEOUT:
    'This client gave no answer in time, so it was left out. Nothing was changed. Try it again by itself.',
  SNAPSHOT_INVALID:
    'This backup is damaged or was changed. Nothing was changed. Keep it aside, do not rely on it, and use another one.',
  SNAPSHOT_MISSING:
    'There is no backup of this client in the migration. Nothing was changed. Restore it from a backup of your own.',
  SNAPSHOT_NOT_WRITTEN:
    'The backup could not be written. Nothing was changed, and no half of it was left. Check the place and its free space, then try again.',
  SNAPSHOT_OF_OTHER_VAULT: 'This backup is of another client. Nothing was changed. Choose the right one.',
  SNAPSHOT_TOO_NEW:
    'This backup was made by a newer version, so it was not checked. Nothing was changed. Update the program, then check it again.',
} as const
