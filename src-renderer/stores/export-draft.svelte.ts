/** What leaves in a bundle, for whom, and how its keys get there. */
import type { InputOf } from '../../src-shared/ipc/contract.ts'
import type { KeyForm } from '../../src-shared/ipc/exports.ts'
import { keyPassphraseChars, typedKeys } from '../../src-shared/model/keys.ts'
import { api } from '../lib/api.ts'
import { NewPassphrase } from './new-passphrase.svelte.ts'
import { Resource } from './resource.svelte.ts'

export class ExportDraft {
  vaults = $state<readonly string[]>([])
  /** Tells the recipient which records they had were deleted here. */
  deletions = $state(false)
  readonly passphrase = new NewPassphrase()
  /** What is known of the party that is named; undefined while there is no name. */
  readonly recipient = new Resource(async () => {
    const party = this.#party.trim()
    return party === '' ? undefined : api.exports.recipient({ party })
  })
  #party = $state('')
  #chosenForm = $state<KeyForm>()

  readonly canSeal = $derived(this.recipient.value?.takesSealedKeys === true)
  /** Where no secret has to be sent, none is, unless a person says otherwise. */
  readonly form = $derived(this.#formFor(this.canSeal))
  readonly tooManyToType = $derived(this.form === 'text' && this.vaults.length > typedKeys)
  readonly complete = $derived(
    this.#party.trim() !== '' && this.vaults.length > 0 && !this.tooManyToType && this.#hasPassphrase(),
  )

  get party(): string {
    return this.#party
  }

  set party(party: string) {
    this.#party = party
    this.recipient.refetch()
  }

  choose(form: KeyForm): void {
    this.#chosenForm = form
  }

  request(): InputOf<'exports.create'> {
    const { form } = this
    const key = form === 'wrapped' ? { form, passphrase: this.passphrase.value } : { form }
    return { party: this.#party, vaults: [...this.vaults], key, ...(this.deletions && { deletions: true }) }
  }

  /** For the next one; the recipient stays. */
  reset(): void {
    this.vaults = []
    this.deletions = false
    this.#chosenForm = undefined
    this.passphrase.value = ''
    this.passphrase.repeated = ''
  }

  #formFor(canSeal: boolean): KeyForm {
    const wanted = this.#chosenForm ?? 'sealed'
    return wanted === 'sealed' && !canSeal ? 'file' : wanted
  }

  #hasPassphrase(): boolean {
    const { complete, value } = this.passphrase
    return this.form !== 'wrapped' || (complete && value.length >= keyPassphraseChars)
  }
}
