/** What to say for each error code: what happened, what was not changed, what to do next. */
import type { AppErrorCode } from '../../src-shared/ipc/errors.ts'
import { toCallError } from './call-error.ts'
import { importingTexts } from './importing-error-texts.ts'
import { leavingTexts } from './leaving-error-texts.ts'

export interface ErrorText {
  readonly title: string
  readonly unchanged: string
  readonly next: string
}

const nothing = 'Nothing was changed.'
const fileSafe = 'The file was only read; no client was touched.'
const storeSafe = 'The workspace file was not written to.'

const texts = {
  BAD_INPUT: {
    title: 'The console refused this input',
    unchanged: nothing,
    next: 'Check the marked fields and try again.',
  },
  FORBIDDEN: {
    title: 'This window is not in session',
    unchanged: nothing,
    next: 'Open the newest address the console printed in its terminal; each works once. Enter there prints another.',
  },
  UNKNOWN_CALL: {
    title: 'The screen and the console are of different versions',
    unchanged: nothing,
    next: 'Reload the window. If it happens again, restart the console.',
  },
  INTERNAL: {
    title: 'Something failed that should not have',
    unchanged: 'A command is written as a whole or not at all, so no half of it was saved.',
    next: 'Try once more. If it fails again, send the reference below with your report.',
  },
  CANCELLED: { title: 'Cancelled', unchanged: nothing, next: 'Start it again whenever you like.' },
  NOT_FOUND: {
    title: 'This is no longer here',
    unchanged: nothing,
    next: 'Go back to the list; it shows what there is now.',
  },
  LOCKED: {
    title: 'The workspace is locked',
    unchanged: 'What you had saved is safe; the keys are out of memory.',
    next: 'Unlock with your passphrase to go on.',
  },
  WORKSPACE_EXISTS: {
    title: 'There is already a workspace here',
    unchanged: 'The existing workspace was not touched.',
    next: 'Reload to unlock it, or start the console with another folder.',
  },
  WORKSPACE_ABSENT: {
    title: 'There is no workspace yet',
    unchanged: nothing,
    next: 'Create one first.',
  },
  WRONG_PASSPHRASE: {
    title: 'The passphrase does not open this workspace',
    unchanged: storeSafe,
    next: 'Check Caps Lock and the keyboard layout, then try again.',
  },
  WRONG_RECOVERY_CODE: {
    title: 'The recovery code does not open this workspace',
    unchanged: storeSafe,
    next: 'Compare it with the paper, group by group. A code that was replaced in Settings is worth nothing.',
  },
  WEAK_PASSPHRASE: {
    title: 'This passphrase is too easy to guess',
    unchanged: nothing,
    next: 'Use at least ten characters; four or more unrelated words work well.',
  },
  STORE_TOO_NEW: {
    title: 'A newer console wrote this workspace',
    unchanged: storeSafe,
    next: 'Update this console, then open it again.',
  },
  STORE_LOCKED: {
    title: 'Another console has this workspace open',
    unchanged: storeSafe,
    next: 'Close the other window, then try again here.',
  },
  STORE_READ_ONLY: {
    title: 'The workspace file cannot be written',
    unchanged: storeSafe,
    next: 'Check the permissions of the file and its folder, then try again.',
  },
  STORE_FULL: {
    title: 'The disk is full',
    unchanged: 'The last command was taken back; the workspace is as it was before.',
    next: 'Free some space, then repeat the command.',
  },
  STORE_CORRUPT: {
    title: 'The workspace file is damaged',
    unchanged: 'The console stopped before writing anything more to it.',
    next: 'Copy the file aside before anything else, then restore the last backup.',
  },
  STORE_UNAVAILABLE: {
    title: 'The workspace file cannot be reached',
    unchanged: nothing,
    next: 'Check that its disk or network folder is connected, then try again.',
  },
  KEYRING_DAMAGED: {
    title: 'The key ring of this workspace is damaged',
    unchanged: storeSafe,
    next: 'Copy the file aside, then restore the last backup.',
  },
  TAMPERED: {
    title: 'Stored data fails its integrity check',
    unchanged: 'The value was not shown and nothing was written.',
    next: 'Run “Verify chain” in Activity to see how far it reaches, and restore a backup.',
  },
  NO_ACCESS: {
    title: 'You have no key for this client',
    unchanged: nothing,
    next: 'Ask an owner of the workspace to grant access.',
  },
  FILE_TOO_LARGE: {
    title: 'The file is larger than the console accepts',
    unchanged: fileSafe,
    next: 'Ask the sender to split the export by client.',
  },
  FILE_GONE: {
    title: 'The chosen file is no longer available',
    unchanged: nothing,
    next: 'Choose the file again.',
  },
  FILE_UNKNOWN: {
    title: 'This file is of no kind that the console imports',
    unchanged: fileSafe,
    next: 'Choose a bundle, or a CSV, XLSX, SQLite, JSON lines, UBL or OFX file. An old .xls is saved as .xlsx first.',
  },
  FILE_UNREADABLE: {
    title: 'The file cannot be read like this',
    unchanged: fileSafe,
    next: 'Correct how it is read, or ask the sender for another export.',
  },
  FILE_CHANGED: {
    title: 'The file changed while it was read',
    unchanged: fileSafe,
    next: 'Wait until the other program has written it, then check again.',
  },
  MAPPING_INVALID: {
    title: 'The columns cannot be taken like this',
    unchanged: 'Nothing was imported.',
    next: 'Correct the columns, then check again.',
  },
  NOT_A_BUNDLE: {
    title: 'This file is not a bundle',
    unchanged: fileSafe,
    next: 'Choose the file that ends in .noydb; the key file is asked for later.',
  },
  BUNDLE_TOO_NEW: {
    title: 'A newer console wrote this bundle',
    unchanged: fileSafe,
    next: 'Update this console, or ask the sender for the older format.',
  },
  BUNDLE_DAMAGED: {
    title: 'The bundle is damaged or incomplete',
    unchanged: fileSafe,
    next: 'Ask the sender to transfer it again and compare the SHA-256.',
  },
  KEY_INVALID: {
    title: 'This is not a key for bundles',
    unchanged: fileSafe,
    next: 'Choose the key file that the sender gave you apart from the bundle.',
  },
  KEY_MISTYPED: {
    title: 'Part of the key is mistyped',
    unchanged: fileSafe,
    next: 'Compare it with the paper, group by group, and type it again.',
  },
  KEY_PASSPHRASE_WRONG: {
    title: 'The passphrase does not open this key file',
    unchanged: fileSafe,
    next: 'Type it again, or ask the sender for it by telephone.',
  },
  KEY_FOR_OTHERS: {
    title: 'These keys were sealed to another office',
    unchanged: fileSafe,
    next: 'Ask the sender for keys of another form, or open the bundle in the workspace they are for.',
  },
  KEY_OF_OTHER_BUNDLE: {
    title: 'This key belongs to another bundle',
    unchanged: fileSafe,
    next: 'Ask the sender for the key of this very bundle.',
  },
  KEY_WRONG: {
    title: 'The key does not open this bundle',
    unchanged: fileSafe,
    next: 'Check that the key was copied whole, or ask the sender again.',
  },
  ALREADY_IMPORTED: {
    title: 'This file is already imported',
    unchanged: nothing,
    next: 'See the earlier import in the list. Undo it first if you mean to import it again.',
  },
  LIMIT_EXCEEDED: {
    title: 'The file asks for more than the console allows',
    unchanged: fileSafe,
    next: 'Ask the sender for a smaller export.',
  },
  ...importingTexts,
  RULES_BROKEN: {
    title: 'Some records would break a rule of their template',
    unchanged: 'Nothing was written.',
    next: 'Say why it shall be so, or leave these records out.',
  },
  PERIOD_CLOSED: {
    title: 'The record falls into a closed period',
    unchanged: nothing,
    next: 'Reopen the period on the client’s page, or say why it is written to all the same.',
  },
  RECORD_INVALID: {
    title: 'The record breaks a rule of its template',
    unchanged: 'The record is as it was.',
    next: 'Correct the marked fields and save again.',
  },
  VERSION_CONFLICT: {
    title: 'Somebody changed this record in the meantime',
    unchanged: 'Their version stays; yours was not saved.',
    next: 'Look at the new version, then make your change again.',
  },
  CONFLICT_MOVED: {
    title: 'The record changed after you opened this conflict',
    unchanged: 'Your decision was not applied.',
    next: 'Look at the record as it is now, then decide again.',
  },
  CONFLICT_CLOSED: {
    title: 'This conflict is already decided',
    unchanged: 'The earlier decision stands.',
    next: 'Go on to the next one, or undo the earlier decision first.',
  },
  UNDO_REFUSED: {
    title: 'This cannot be undone any more',
    unchanged: nothing,
    next: 'Records were edited since. Take back the later changes first.',
  },
  ...leavingTexts,
} as const satisfies Record<AppErrorCode, ErrorText>

export function errorText(code: AppErrorCode): ErrorText {
  return texts[code]
}

export interface Failure extends ErrorText {
  readonly code: AppErrorCode
  readonly ref: string | undefined
}

/** Everything `ErrorState` shows of a thrown value: `<ErrorState {...describeFailure(error)} />`. */
export function describeFailure(error: unknown): Failure {
  const { code, ref, details } = toCallError(error)
  const text = errorText(code)
  return { ...text, ...exactTitle(code, details), code, ref }
}

/** What the engine found, where that says more than the code does. */
function exactTitle(code: AppErrorCode, details: Readonly<Record<string, unknown>>): Partial<ErrorText> {
  if (code === 'KEY_MISTYPED') return titleOfMistyped(details['groups'])
  const { reason, closed } = details
  // Main names the month, the client and the day.
  if (code === 'PERIOD_CLOSED') return typeof closed === 'string' ? { title: closed.replace(/\.$/, '') } : {}
  return code === 'FILE_UNREADABLE' && typeof reason === 'string' ? { title: reason } : {}
}

/** Whoever types fourteen groups wants to know which one. */
function titleOfMistyped(groups: unknown): Partial<ErrorText> {
  if (!Array.isArray(groups) || groups.length === 0) return {}
  const some = groups.slice(0, 5).join(', ') + (groups.length > 5 ? ' and others' : '')
  return {
    title: `${groups.length === 1 ? 'Group' : 'Groups'} ${some} of the key ${groups.length === 1 ? 'is' : 'are'} mistyped`,
  }
}
