/** A file of the other office on its way in: what it says of itself, its key, what it would do, and what was done. */
import type { LogComparisonView, ReceivedFile } from '../../src-shared/ipc/agreement-views.ts'
import type { FileRef } from '../../src-shared/ipc/common.ts'
import type { InputOf, OutputOf } from '../../src-shared/ipc/contract.ts'
import { api } from '../lib/api.ts'
import type { AskedFile } from '../lib/files.ts'

type Keys = InputOf<'agreements.planApply'>['keys']
type Plan = OutputOf<'agreements.planApply'>

export class ReceivedFileDesk {
  file = $state.raw<FileRef>()
  said = $state.raw<ReceivedFile>()
  /** The person has compared the fingerprint. */
  compared = $state(false)
  vaultId = $state('')
  /** A key file under a passphrase waits for it here. */
  wrapped = $state.raw<FileRef>()
  plan = $state.raw<Plan>()
  /** Refused records are left out by name. */
  leaveOut = $state(false)
  done = $state.raw<OutputOf<'agreements.apply'>>()
  taken = $state.raw<OutputOf<'agreements.take'>>()
  comparison = $state.raw<LogComparisonView>()
  busy = $state(false)
  failure = $state.raw<unknown>()
  #keys: Keys | undefined

  readonly mayTake = $derived(
    this.said?.kind === 'receipt' ||
      (this.said?.kind === 'act' &&
        (this.compared || !this.said.unknownKey) &&
        (this.vaultId !== '' || !this.said.wantsClient)),
  )
  readonly mayApply = $derived(this.plan !== undefined && (this.leaveOut || this.plan.refused.length === 0))
  /** The agreement it is about, for the screen to show afterwards. */
  readonly id = $derived(this.said?.id)
  readonly finished = $derived(
    this.done !== undefined || this.taken !== undefined || this.comparison !== undefined,
  )

  reset(): void {
    this.file = this.said = this.wrapped = this.plan = this.done = this.taken = this.comparison = undefined
    this.compared = this.leaveOut = false
    this.vaultId = ''
    this.failure = undefined
    this.#keys = undefined
  }

  async choose(asked: AskedFile): Promise<void> {
    await this.#run(async () => {
      const file = await asked
      if (file === null) return
      this.reset()
      this.said = await api.agreements.examine({ handle: file.handle })
      this.file = file
      if (this.said.kind === 'log') {
        this.comparison = await api.agreements.compare({ id: this.said.id, handle: file.handle })
      }
    })
  }

  async useKeyFile(asked: AskedFile): Promise<void> {
    await this.#run(async () => {
      const file = await asked
      if (file === null) return
      const { form } = await api.imports.keyForm({ keys: file.handle })
      if (form === 'wrapped') this.wrapped = file
      else await this.#plan({ handle: file.handle })
    })
  }

  async usePassphrase(passphrase: string): Promise<void> {
    const { wrapped } = this
    if (wrapped !== undefined) await this.#run(() => this.#plan({ handle: wrapped.handle, passphrase }))
  }

  async useText(text: string): Promise<void> {
    await this.#run(() => this.#plan({ text }))
  }

  async #plan(keys: Keys): Promise<void> {
    const { file } = this
    if (file === undefined) return
    this.plan = await api.agreements.planApply({ handle: file.handle, keys })
    this.#keys = keys
  }

  async take(): Promise<void> {
    const { file, said, vaultId } = this
    if (file === undefined || said === undefined) return
    await this.#run(async () => {
      this.taken = await api.agreements.take({
        handle: file.handle,
        ...(said.kind === 'act' && said.unknownKey && { fingerprint: said.fingerprint }),
        ...(vaultId !== '' && { vaultId }),
      })
    })
  }

  async apply(): Promise<void> {
    const [{ file, plan }, keys] = [this, this.#keys]
    if (file === undefined || plan === undefined || keys === undefined) return
    const exclude = plan.refused.map(({ collection, id }) => ({ collection, id }))
    await this.#run(async () => {
      this.done = await api.agreements.apply({ handle: file.handle, keys, exclude })
    })
  }

  async #run(work: () => Promise<void>): Promise<void> {
    this.busy = true
    this.failure = undefined
    try {
      await work()
    } catch (error) {
      this.failure = error
    } finally {
      this.busy = false
    }
  }
}
