/** What to say when something that was to leave did not, or a receipt does not hold. */
import type { ErrorText } from './error-text.ts'

export const leavingTexts = {
  REFERENCE_LEFT_OUT: {
    title: 'Some of these records refer to others that would stay here',
    unchanged: 'Nothing was sent.',
    next: 'Choose the collections they refer to as well, or leave that field out.',
  },
  EXPORT_LIMIT: {
    title: 'This is more than one file can hold',
    unchanged: 'Nothing was exported.',
    next: 'Export fewer clients or collections at once.',
  },
  EXPORT_CHANGED: {
    title: 'Records changed while they were written to the file',
    unchanged: 'Nothing was exported.',
    next: 'Export again.',
  },
  RECEIPT_INVALID: {
    title: 'This is no receipt, or it was changed after it was signed',
    unchanged: 'The file was only read; no client was touched.',
    next: 'Do not rely on it; ask for the file again.',
  },
  RECEIPT_TOO_NEW: {
    title: 'This receipt was made by a newer version of the program',
    unchanged: 'It was not checked.',
    next: 'Update the program, then check it again.',
  },
} as const satisfies Record<string, ErrorText>
