/** What stands in a receipt, as sentences. */
import type { ReceiptChain, ReceiptDecisionView, ReceiptSigner } from '../../../src-shared/ipc/receipts.ts'

interface SignerWords {
  readonly title: string
  readonly badge: string
  readonly tone: 'verified' | 'theirs' | 'danger'
}

/** `party` is the name the receipt gives its issuer. */
export function signerWords(signer: ReceiptSigner, party: string): SignerWords {
  const words = {
    own: { title: `Signed by this office, ${party}`, badge: 'own key', tone: 'verified' },
    known: { title: `Signed by ${party}, with the key you know`, badge: 'known', tone: 'verified' },
    unknown: {
      title: `Signed by somebody who calls themselves ${party}; compare the fingerprint with them by phone`,
      badge: 'unknown',
      tone: 'theirs',
    },
    changed: {
      title: `Signed as ${party}, but with another key than the one you know; ask them before you rely on it`,
      badge: 'key changed',
      tone: 'danger',
    },
  } as const satisfies Record<ReceiptSigner, SignerWords>
  return words[signer]
}

export const chainWords: Readonly<Record<ReceiptChain, string>> = {
  holds: 'the audit trail here holds, and has the entry the receipt names',
  broken: 'the audit trail here does not hold, or lacks the entry the receipt names',
  'not-here': 'this client is not kept here, so there is no trail to compare',
  none: 'the receipt names no entry of a trail',
}

/** "took the version of Harbour Bookkeeping"; `party` issued the receipt. */
export function choiceWords({ choice, picks, party: sender }: ReceiptDecisionView, party: string): string {
  const theirs = sender ?? 'the sender'
  switch (choice) {
    case 'ours':
      return `kept the version of ${party}`
    case 'theirs':
      return `took the version of ${theirs}`
    case 'base':
      return 'went back to the version both had before'
    case 'delete':
      return 'deleted the record'
    case 'close':
      return 'closed it without a change'
    case 'fields': {
      const sides = { ours: party, theirs, base: 'before', custom: 'own value' }
      return `chose by field: ${picks.map(({ label, pick }) => `${label} (${sides[pick]})`).join(', ')}`
    }
  }
}
