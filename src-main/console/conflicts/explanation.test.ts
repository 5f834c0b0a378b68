import type { ConflictField } from '@klum-db/lobby'
import { expect, test } from 'vitest'
import { type Explained, explain } from './explanation.ts'

const origin = (at: string) => ({ by: 'owner', at, version: 2 })

function conflict(
  changes: Record<string, ConflictField['changedBy']>,
  more: Partial<Explained> = {},
): Explained {
  return {
    kind: 'edited-by-both',
    title: 'Invoice 10248',
    party: 'Harbour Bookkeeping',
    person: 'Anna Berger',
    ours: origin('2026-05-09T10:12:00Z'),
    theirs: origin('2026-05-08T17:40:00Z'),
    baseAt: '2026-05-03T09:00:00Z',
    fields: Object.entries(changes).map(([label, changedBy]) => ({ label, changedBy })),
    locale: 'en-GB',
    ...more,
  }
}

const dates = 'You (Anna Berger): 9 May 2026. Harbour Bookkeeping: 8 May 2026.'

test.each<[string, Explained, string]>([
  [
    'both changed the same',
    conflict({ Freight: 'both', Total: 'both', 'Ship to': 'theirs' }),
    `You and Harbour Bookkeeping both changed Freight and Total since 3 May 2026. ${dates} Ship to changed on one side only.`,
  ],
  [
    'different fields',
    conflict({ Notes: 'ours', Due: 'theirs' }),
    `You changed Notes, and Harbour Bookkeeping changed Due since 3 May 2026. ${dates}`,
  ],
  [
    'only they, and the import asks about everything',
    conflict({ Status: 'theirs', Notes: 'theirs' }),
    'Harbour Bookkeeping changed Status and Notes since 3 May 2026; this import asks about every change. Here it did not change.',
  ],
  [
    'more fields than a sentence holds',
    conflict({ a: 'both', b: 'both', c: 'both', d: 'both', e: 'both' }),
    `You and Harbour Bookkeeping both changed a, b, c and 2 more since 3 May 2026. ${dates}`,
  ],
  [
    'deleted here',
    conflict({ Notes: 'theirs' }, { kind: 'deleted-here' }),
    'You deleted Invoice 10248 on 9 May 2026; Harbour Bookkeeping changed Notes since 3 May 2026.',
  ],
  [
    'deleted there',
    conflict({ Notes: 'ours' }, { kind: 'deleted-there', party: null }),
    'The sender deleted Invoice 10248 on 8 May 2026; you changed Notes since 3 May 2026.',
  ],
  [
    'deleted there, referred to here',
    conflict({ Notes: 'theirs' }, { kind: 'deleted-there' }),
    'Harbour Bookkeeping deleted Invoice 10248 on 8 May 2026. Here it did not change, but other records may refer to it.',
  ],
  [
    'nothing known of before',
    conflict(
      { Notes: 'unknown' },
      { kind: 'no-base', baseAt: null, ours: { by: null, at: null, version: 1 } },
    ),
    'Invoice 10248 is different at Harbour Bookkeeping, and no earlier exchange of it is known, so it cannot be told who changed it. You (Anna Berger): date not known. Harbour Bookkeeping: 8 May 2026.',
  ],
])('%s', (_, explained, text) => {
  expect(explain(explained)).toBe(text)
})
