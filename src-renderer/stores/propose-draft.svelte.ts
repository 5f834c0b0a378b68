/** An agreement that is about to be proposed: for which client, with whom, what of it, how often and until when. */
import type { AgreementPreview, Direction } from '../../src-shared/ipc/agreement-views.ts'
import type { FieldHint, Strategy } from '../../src-shared/ipc/common.ts'
import type { InputOf } from '../../src-shared/ipc/contract.ts'
import { api } from '../lib/api.ts'
import { Resource } from './resource.svelte.ts'
import { type OfferedCollection, SliceDraft } from './slice-draft.svelte.ts'

export class ProposeDraft {
  party = $state('')
  direction = $state<Direction>('both')
  strategy = $state<Strategy>('three-way')
  cadenceMs = $state.raw<number | null>(null)
  /** A calendar day; empty = until somebody ends it. */
  expires = $state('')
  /** A calendar day; empty = whenever they like. */
  answerBy = $state('')
  reason = $state('')
  readonly slice = new SliceDraft()
  readonly people = new Resource(() => api.agreements.people())
  /** What would leave under what is chosen. */
  readonly sample = new Resource(async (): Promise<AgreementPreview | undefined> => {
    const { slice } = this.slice
    return slice === null ? undefined : api.agreements.draft({ vaultId: this.#vaultId, slice })
  })
  #vaultId = $state('')

  readonly complete = $derived(this.party.trim() !== '' && this.#vaultId !== '' && this.slice.slice !== null)
  readonly knownAs = $derived(this.people.value?.find(({ party }) => party === this.party.trim()))

  get vaultId(): string {
    return this.#vaultId
  }

  async chooseClient(vaultId: string): Promise<void> {
    this.#vaultId = vaultId
    const { collections } = await api.clients.get({ vaultId })
    if (this.#vaultId !== vaultId) return
    this.slice.offer(
      collections.map(({ name, label, fields }) => ({ name, label, fields: topLevel(fields) })),
    )
    this.sample.clear()
  }

  request(): InputOf<'agreements.propose'> {
    const { slice } = this.slice
    if (slice === null) throw new Error('The button waits for a collection.')
    const { direction, strategy, cadenceMs, reason, expires, answerBy } = this
    return {
      vaultId: this.#vaultId,
      party: this.party.trim(),
      terms: { slice, direction, strategy, cadenceMs, expiresAt: endOfDay(expires) },
      answerBy: endOfDay(answerBy),
      ...(reason.trim() !== '' && { reason: reason.trim() }),
    }
  }
}

/** The end of that day, here; null for no day. */
export function endOfDay(day: string): string | null {
  return day === '' ? null : new Date(`${day}T23:59:59`).toISOString()
}

/** Agreements are about whole fields of a record, not about what is inside them. */
function topLevel(fields: readonly FieldHint[]): OfferedCollection['fields'] {
  const names = [...new Set(fields.map(({ path }) => path.split('.')[0] ?? path))]
  return names.map((name) => {
    const label = fields.find(({ path }) => path === name)?.label
    return { name, label: label ?? wordsOf(name) }
  })
}

/** "shipAddress" -> "Ship address". */
function wordsOf(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}
