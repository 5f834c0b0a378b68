/** One sentence group per code: what happened, what was not changed, what to do next. */
import type { AppErrorCode } from '../../src-shared/ipc/errors.ts'
import { shardSentences } from './shard-error-sentences.ts'

const sentences: Readonly<Record<AppErrorCode, string>> = {
  BAD_INPUT: 'A value cannot be used. Nothing was changed. Correct it and try again.',
  FORBIDDEN: 'This window may not do that. Nothing was changed.',
  UNKNOWN_CALL: 'The program does not know this request. Nothing was changed. Restart the program.',
  INTERNAL:
    'Something failed that the program did not foresee. The change was not saved. Try again; if it stays, report the reference.',
  CANCELLED: 'Stopped as asked. Nothing was changed.',
  NOT_FOUND: 'It is not there any more. Nothing was changed. Go back and refresh the list.',
  LOCKED: 'The workspace is locked. Nothing was changed. Unlock it and try again.',
  WORKSPACE_EXISTS: 'There already is a workspace in this file. It was left as it is. Unlock it instead.',
  WORKSPACE_ABSENT: 'There is no workspace in this file. Nothing was changed. Create one first.',
  WRONG_PASSPHRASE: 'This passphrase does not open the workspace. Nothing was changed. Try again.',
  WRONG_RECOVERY_CODE:
    'This recovery code does not open the workspace. Nothing was changed. Compare it with the paper, group by group.',
  WEAK_PASSPHRASE:
    'This passphrase is too easy to guess. Nothing was changed. Use at least ten characters, not one character repeated.',
  STORE_TOO_NEW:
    'This workspace was written by a newer version of the program. Nothing was changed. Update the program, then open it again.',
  STORE_LOCKED: 'This workspace is open elsewhere. Nothing was changed. Close it there, then try again.',
  STORE_READ_ONLY:
    'The workspace cannot be written. Nothing was changed. Allow writing to the file and its folder, or move the workspace.',
  STORE_FULL: 'The disk is full. This change was not saved. Free some space and try again.',
  STORE_CORRUPT:
    'The workspace file is damaged. Nothing was changed. Keep a copy of the file and restore the latest backup.',
  STORE_UNAVAILABLE:
    'The workspace file cannot be read or written just now. This change was not saved. Check the path and the drive.',
  KEYRING_DAMAGED:
    'Some keys of this workspace are damaged. Nothing was changed. Keep a copy of the file and restore the latest backup.',
  TAMPERED:
    'Stored data was changed outside this program. It was not opened. Keep a copy of the file and restore the latest backup.',
  NO_ACCESS: 'This user may not do that here. Nothing was changed. Ask the owner for access.',
  FILE_TOO_LARGE: 'The file is too large. It was not read. Ask the sender for a smaller bundle.',
  FILE_GONE: 'The file is not there any more. Nothing was changed. Choose it again.',
  FILE_UNKNOWN:
    'This file is of no kind that can be imported. Nothing was changed. Choose a bundle, or a CSV, XLSX, SQLite, JSON lines, UBL or OFX file.',
  FILE_UNREADABLE:
    'The file cannot be read as it was understood. Nothing was imported. Correct how it is read, or ask the sender for another export.',
  FILE_CHANGED:
    'The file changed while it was read. Nothing was imported. Wait until it is written, then check again.',
  MAPPING_INVALID:
    'The columns cannot be taken so. Nothing was imported. Correct the mapping, then check again.',
  REFERENCE_LEFT_OUT:
    'Some of these records refer to others that would not go along. Nothing was sent. Choose the collections they refer to, too.',
  NOT_A_BUNDLE: 'This file is no bundle. Nothing was changed. Choose a file that ends in .noydb.',
  BUNDLE_TOO_NEW:
    'This bundle was made by a newer version. Nothing was changed. Update the program, or ask the sender for an older format.',
  BUNDLE_DAMAGED:
    'This bundle is damaged or was altered on the way. Nothing was imported. Ask the sender to send it again.',
  KEY_INVALID: 'This is no key file. Nothing was imported. Choose the file that ends in .keys.json.',
  KEY_MISTYPED:
    'Part of the key was mistyped. Nothing was imported. Compare the groups named below with the paper.',
  KEY_PASSPHRASE_WRONG:
    'This passphrase does not open the key file. Nothing was imported. Type it again, or ask the sender.',
  KEY_FOR_OTHERS:
    'These keys were sealed to another office, or to another workspace of yours. Nothing was imported. Give the sender your card, and ask for the keys again.',
  KEY_OF_OTHER_BUNDLE:
    'This key file belongs to another bundle. Nothing was imported. Choose the one sent with it.',
  KEY_WRONG:
    'The key does not open this bundle. Nothing was imported. Ask the sender for the right key file.',
  ALREADY_IMPORTED: 'This bundle was imported before. Nothing was changed.',
  LIMIT_EXCEEDED:
    'It is beyond what the program accepts. Nothing was changed. Ask the sender for smaller parts.',
  PLAN_STALE: 'Records changed since this was checked. Nothing was imported. Check again, then apply.',
  PLAN_GONE: 'This check is no longer held. Nothing was changed. Choose the file again.',
  SENDER_CHANGED:
    'This party signed with another key than before. Nothing was imported. Ask them by phone for their fingerprint before you trust the file.',
  SEQUENCE_REFUSED:
    'This bundle does not follow the last one of this party that was imported. Nothing was imported. Ask the sender for their latest one.',
  REMOVALS_REFUSED:
    'The sender deleted records, and they would be removed here, too. Nothing was imported. Say that they may go, or leave them out by name.',
  ROWS_REFUSED: 'Some rows cannot be imported. Nothing was imported. Leave them out by name, then apply.',
  RULES_BROKEN:
    'Some records would break a rule of their template. Nothing was written. Say why it shall be so, or leave them out.',
  PERIOD_CLOSED:
    'The record falls into a closed period. Nothing was changed. Reopen the period, or say why it is written to all the same.',
  RECORD_INVALID: 'The record is not valid. It was not saved. Correct the fields named below.',
  VERSION_CONFLICT:
    'The record was changed in the meantime. Your change was not saved. Compare it with the newer version, then save again.',
  CONFLICT_MOVED:
    'The record changed since this conflict was shown. Nothing was decided. Look at it again, then decide.',
  CONFLICT_CLOSED: 'This conflict is no longer open. Nothing was changed. Go on to the next one.',
  UNDO_REFUSED:
    'It can no longer be undone as it was shown. Nothing was changed. Look at what would happen now.',
  EXPORT_CHANGED: 'Records changed while they were exported. The file is not complete. Export again.',
  EXPORT_LIMIT:
    'This is more than one file can hold. Nothing was exported. Export fewer clients or collections at once.',
  RECEIPT_INVALID:
    'This is no receipt, or it was changed after it was signed. Do not rely on it. Ask for the file again.',
  RECEIPT_TOO_NEW:
    'This receipt was made by a newer version. It was not checked. Update the program, then check it again.',
}

/** Where one code of ours stands for several of the engine's, and a person would do something else about each. */
const engineSentences: Readonly<Record<string, string>> = {
  ...shardSentences,
  SIGNATURE_INVALID:
    'The signature does not match this bundle: it was altered after it was made. Nothing was imported. Ask the sender to send it again.',
  CARD_INVALID: 'This is no card of an office, or it was altered. Nothing was changed. Ask for it again.',
  CROSS_VAULT_DANGLING:
    'Records refer to others that are not there. Nothing was exported. Correct those records, or leave them out.',
  PARTITION_EXTRACTION:
    'Records of these collections refer to others that would not go along. Nothing was sent. Choose the collections they refer to, too.',
  KEY_PASSPHRASE_MISSING:
    'This key file is under a passphrase. Nothing was imported. Ask the sender for it by another way, and type it.',
  KEY_MISSING:
    'The key file has no key for a client you chose. Nothing was imported. Leave that client out, or ask the sender for its key.',
  MIGRATION_TRANSFORM_REQUIRED:
    'Records of this older bundle do not fit here, and no step brings them along. Nothing was imported. Ask the sender to update first.',
  MIN_VERSION:
    'These records are of a newer version than those here. Nothing was imported. Update the program, then import again.',
  DECISION_EDITED:
    'Records were edited after these decisions. Nothing was undone. Change those records by hand instead.',
  IMPORT_UNDONE: 'This import was undone before. Nothing was changed.',
  EXPORT_CAPABILITY:
    'Records of this client may not leave in this format yet. Nothing was exported. Allow the format for the client first, then export again.',
  RECEIPT_OF_OTHER_KEY:
    'This receipt was signed with another key than the one you expect. Do not rely on it. Ask the office for its fingerprint.',
  UNDO_STALE: 'Records changed since the undo was shown. Nothing was undone. Look at it again.',
  SURFACE_NOT_FOUND: 'There is no such agreement here. Nothing was changed. Go back and refresh the list.',
  SURFACE_STATE:
    'The agreement does not stand so that this could be done. Nothing was changed. Look at where it stands now.',
  SURFACE_INVALID:
    'These terms cannot be agreed on. Nothing was signed. Look at the collections, fields and times.',
  SURFACE_OWN_PROPOSAL:
    'The other party has to answer what you proposed. Nothing was changed. Send them the file.',
  SURFACE_ASKED: 'Something that was asked is still unanswered. Nothing was changed. Answer that first.',
  SURFACE_NOT_NARROWER:
    'This would not share less. Nothing was changed. To share more, make a proposal for the other party to sign.',
  SURFACE_VERSION_OLD:
    'This was made for an earlier version of the agreement. Nothing was taken. Ask the other party to make it again.',
  SURFACE_EXPIRED:
    'The time for this is over. Nothing was exchanged. Renew the agreement with the other party.',
  SURFACE_PARTY:
    'This is not from, or not for, a party of the agreement. Nothing was taken. Ask the sender which office it is meant for.',
  SURFACE_PARTY_UNKNOWN:
    'Nobody here has confirmed the key of this party. Nothing was taken. Ask them by phone for their fingerprint, and compare.',
  SURFACE_SIGNED:
    'A signed agreement changes by signed files alone. Nothing was changed. Make the change on the screen Agreements.',
  SURFACE_FILE_INVALID:
    'This is no file about an agreement, or not all of it. Nothing was taken. Choose the file you were sent, or ask for it again.',
  SURFACE_FILE_FORGED:
    'The signature does not match: the file was altered after it was made. Nothing was taken. Ask the sender to send it again.',
  SURFACE_FILE_MISSING:
    'An earlier file of this party has not been taken yet. Nothing was taken. Take that one first.',
  SURFACE_FILE_FORKED:
    'The files of both offices do not fit together, as after a restored backup. Nothing was taken. Compare your lists of files with the other party.',
  SURFACE_DIRECTION:
    'The agreement does not let this party do that. Nothing was exchanged. To exchange in that direction, propose another agreement.',
  SURFACE_DELIVERY_FOREIGN:
    'This delivery belongs to another agreement, another version or somebody else. Nothing was taken. Ask the sender which agreement it was made under.',
  SURFACE_OUTSIDE:
    'The delivery holds what the agreement does not cover. Nothing was taken. Ask the other party what they sent.',
  SURFACE_DELIVERY_OLD:
    'A later delivery was taken already, and it has what this one has. Nothing was changed. Go on with the next one.',
  SURFACE_FULL_NEEDED:
    'The delivery is built on one that never came. Nothing was taken. Send the other party a receipt that asks for everything.',
  SURFACE_BUSY: 'This agreement is being exchanged just now. Nothing was sent. Try again in a moment.',
}

export function sentenceForEngine(engineCode: string): string | undefined {
  return Object.hasOwn(engineSentences, engineCode) ? engineSentences[engineCode] : undefined
}

export function sentenceFor(code: AppErrorCode): string {
  return sentences[code]
}
