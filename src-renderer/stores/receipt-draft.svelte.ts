/** A receipt to be made: about one import, or the decisions of one client and period. */
import type { InputOf, OutputOf } from '../../src-shared/ipc/contract.ts'
import { call } from '../lib/api.ts'

/** The import a receipt is about, as its list names it. */
export interface ReceiptImport {
  readonly importId: string
  readonly name: string
}

export class ReceiptDraft {
  readonly about: ReceiptImport | undefined
  /** Vault id; empty = all clients. */
  vault = $state('')
  /** Days YYYY-MM-DD, both within; empty = no bound. */
  from = $state('')
  until = $state('')
  made = $state.raw<OutputOf<'receipts.create'>>()

  /** Why the period is none; undefined while it is fine. */
  readonly problem = $derived(
    this.from !== '' && this.until !== '' && this.until < this.from
      ? 'The last day is before the first.'
      : undefined,
  )

  constructor(about: ReceiptImport | undefined, vault = '') {
    this.about = about
    this.vault = vault
  }

  request(): InputOf<'receipts.create'> {
    if (this.about) return { scope: { kind: 'import', importId: this.about.importId } }
    return {
      scope: {
        kind: 'queue',
        ...(this.vault !== '' && { vault: this.vault }),
        ...(this.from !== '' && { from: startOf(this.from) }),
        ...(this.until !== '' && { until: startOf(this.until, 1) }),
      },
    }
  }

  async create(): Promise<void> {
    this.made = await call('receipts.create', this.request())
  }
}

/** The first moment of a day in the person's own time zone; `later` days after it. */
function startOf(day: string, later = 0): string {
  const at = new Date(`${day}T00:00:00`)
  at.setDate(at.getDate() + later)
  return at.toISOString()
}
