/** A file of the other office on its way in: what it says of itself, its key, what it would do, and what was done. */
import type { BrokenRecord, LogComparisonView, ReceivedFile } from '../../src-shared/ipc/agreement-views.ts'
import type { FileRef } from '../../src-shared/ipc/common.ts'
import type { InputOf, OutputOf } from '../../src-shared/ipc/contract.ts'
import { api, isCode } from '../lib/api.ts'
import type { AskedFile } from '../lib/files.ts'

type Keys = InputOf<'agreements.planApply'>['keys']
type Plan = OutputOf<'agreements.planApply'>

const rowKey = ({ collection, id }: Pick<BrokenRecord, 'collection' | 'id'>): string =>
  JSON.stringify([collection, id])

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
  /** Why records are taken that break a rule. */
  why = $state('')
  #left = $state.raw<ReadonlySet<string>>(new Set())
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
  readonly #leftBroken = $derived((this.plan?.broken ?? []).filter((row) => this.isLeft(row)))
  /** Records that break a rule and are taken all the same. */
  readonly against = $derived((this.plan?.broken.length ?? 0) - this.#leftBroken.length)
  /** What applying would do as things are chosen. */
  readonly would = $derived.by(() => {
    if (this.plan === undefined) return undefined
    const counts = { ...this.plan.counts }
    for (const { outcome } of this.#leftBroken) counts[outcome] -= 1
    return counts
  })
  readonly mayApply = $derived(
    this.plan !== undefined &&
      (this.leaveOut || this.plan.refused.length === 0) &&
      (this.against === 0 || this.why.trim() !== ''),
  )
  /** The agreement it is about, for the screen to show afterwards. */
  readonly id = $derived(this.said?.id)
  readonly finished = $derived(
    this.done !== undefined || this.taken !== undefined || this.comparison !== undefined,
  )

  reset(): void {
    this.file = this.said = this.wrapped = this.plan = this.done = this.taken = this.comparison = undefined
    this.compared = this.leaveOut = false
    this.vaultId = this.why = ''
    this.#left = new Set()
    this.failure = undefined
    this.#keys = undefined
  }

  isLeft(row: BrokenRecord): boolean {
    return this.#left.has(rowKey(row))
  }

  leave(rows: readonly BrokenRecord[], left: boolean): void {
    const keys = new Set(this.#left)
    for (const row of rows) {
      if (left) keys.add(rowKey(row))
      else keys.delete(rowKey(row))
    }
    this.#left = keys
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
    const shown = new Set(this.plan.broken.map(rowKey))
    this.#left = new Set([...this.#left].filter((key) => shown.has(key)))
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
    const exclude = [...plan.refused, ...this.#leftBroken].map(({ collection, id }) => ({ collection, id }))
    const override = this.against > 0 ? { override: this.why.trim() } : {}
    await this.#run(async () => {
      this.done = await api.agreements.apply({ handle: file.handle, keys, exclude, ...override })
    })
    // A period that was closed meanwhile stands in the new look, record by record.
    const { failure } = this
    if (!isCode(failure, 'RULES_BROKEN', 'PERIOD_CLOSED', 'ROWS_REFUSED')) return
    await this.#run(() => this.#plan(keys))
    this.failure ??= failure
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
