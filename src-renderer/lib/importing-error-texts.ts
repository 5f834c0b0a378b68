/** What to say where an import stops between its check and its writing. */
import type { ErrorText } from './error-text.ts'

export const importingTexts = {
  PLAN_STALE: {
    title: 'Records changed after this check',
    unchanged: 'Nothing was imported.',
    next: 'Check again; the table then shows the records as they are now.',
  },
  PLAN_GONE: {
    title: 'This check has expired',
    unchanged: 'Nothing was imported.',
    next: 'Check the bundle again.',
  },
  SENDER_CHANGED: {
    title: 'The sender signed with another key than before',
    unchanged: 'Nothing was imported.',
    next: 'Ask them by phone for their fingerprint. Accept the new key only if it is the one shown here.',
  },
  SEQUENCE_REFUSED: {
    title: 'This bundle does not follow the last one taken',
    unchanged: 'Nothing was imported.',
    next: 'Ask the sender for their latest bundle, or accept this one out of order.',
  },
  REMOVALS_REFUSED: {
    title: 'The sender deleted records, and they would be removed here, too',
    unchanged: 'Nothing was imported.',
    next: 'Say that they may go, or leave them out by name.',
  },
  ROWS_REFUSED: {
    title: 'Some rows cannot be imported',
    unchanged: 'Nothing was imported.',
    next: 'Exclude the refused rows by name, or ask the sender to correct them.',
  },
} as const satisfies Record<string, ErrorText>
