/**
 * One import from file to receipt. Main keeps the plan; this class keeps what the person chose and where they stand.
 * Nothing is written before `apply`, and leaving at any earlier step discards the plan.
 */
import type { FileRef, Strategy } from '../../src-shared/ipc/common.ts'
import type { JobProgress } from '../../src-shared/ipc/events.ts'
import type { KeyForm } from '../../src-shared/ipc/exports.ts'
import type { BundleView, ImportReceiptView, PlanRow, PlanView } from '../../src-shared/ipc/imports.ts'
import { api, call, isCode } from '../lib/api.ts'
import type { AskedFile } from '../lib/files.ts'
import { ForeignImport } from './foreign-import.ts'
import { clientOf, foreignTarget, keyFailures, type Keys, ofPlan, planRequest } from './import-request.ts'
import { bundleSteps, foreignSteps, type Step } from './import-steps.ts'
import { type Levels, withLevels } from './import-strictness.ts'
import { doubtsAbout, firstTargets, type Target } from './import-targets.ts'
import { Resource } from './resource.svelte.ts'

export const rowName = (row: Pick<PlanRow, 'vault' | 'collection' | 'id'>): string =>
  JSON.stringify([row.vault, row.collection, row.id])

export class ImportWizard {
  step = $state<Step>('file')
  /** How strictly clients were merged last time. */
  readonly strictness = new Resource(() => api.imports.strictness())
  bundle = $state.raw<BundleView>()
  /** In place of a bundle. */
  foreign = $state.raw<ForeignImport>()
  keyFile = $state.raw<FileRef>()
  keyForm = $state<KeyForm>()
  targets = $state<Target[]>([])
  plan = $state.raw<PlanView>()
  receipt = $state.raw<ImportReceiptView>()
  progress = $state.raw<JobProgress>()
  busy = $state(false)
  failure = $state.raw<unknown>()
  /** The records changed while the person looked; the table shows the new check. */
  recheckedBecauseStale = $state(false)
  /** A person says that the new key is the sender's. */
  acceptsKey = $state(false)
  /** A person takes a bundle that does not follow the last one. */
  acceptsSequence = $state(false)
  /** Why rows are imported that break a rule. */
  override = $state('')
  /** A person lets records go that the sender deleted. */
  acceptsRemovals = $state(false)
  #excluded = $state.raw<ReadonlySet<string>>(new Set())
  // Kept for checking again, forgotten with the wizard.
  #keys: Keys | undefined
  #abort: AbortController | undefined

  readonly steps: readonly Step[] = $derived(this.foreign ? foreignSteps : bundleSteps)
  readonly #chosen = $derived(this.targets.filter(({ choice }) => choice !== 'skip'))
  readonly mapped = $derived(
    this.#chosen.length > 0 &&
      this.#chosen.every(
        ({ choice, newName }) => choice !== '' && (choice !== 'new' || newName.trim() !== ''),
      ) &&
      (this.foreign?.mapping.ready ?? true),
  )
  /** The treatment all chosen clients have; null where they differ. */
  readonly strategy = $derived(
    new Set(this.#chosen.map(({ strategy }) => strategy)).size > 1
      ? null
      : (this.#chosen[0]?.strategy ?? 'three-way'),
  )
  /** What about the sender must be accepted before anything is written, by what is known now. */
  readonly doubts = $derived(doubtsAbout(this.bundle, this.plan?.sender))
  readonly sure = $derived(
    (!this.doubts.key || this.acceptsKey) &&
      (!this.doubts.sequence || this.acceptsSequence) &&
      ((this.plan?.counts.delete ?? 0) === 0 || this.acceptsRemovals),
  )
  readonly unresolved = $derived(
    (this.plan?.refused ?? []).filter((row) => !this.#excluded.has(rowName(row))),
  )
  /** Rows that break a rule and are not left out. */
  readonly against = $derived(
    (this.plan?.broken.total ?? 0) -
      (this.plan?.broken.rows ?? []).filter((row) => this.isExcluded(row)).length,
  )
  readonly explained = $derived(this.against === 0 || this.override.trim() !== '')
  readonly canApply = $derived(
    this.plan !== undefined && this.unresolved.length === 0 && this.sure && this.explained && !this.busy,
  )

  /** Told by its content, a bundle or a file of another program. */
  async choose(asked: AskedFile): Promise<void> {
    await this.#work(async () => {
      const file = await asked
      if (file === null) return
      const { kind } = await api.foreign.recognise({ file: file.handle })
      this.startOver()
      if (kind === 'bundle') return this.inspect(file)
      const chosen = new ForeignImport(file, kind)
      await chosen.file.read()
      this.foreign = chosen
    })
  }

  /** Back to the choice of a file. */
  startOver(): void {
    this.#dropPlan()
    this.foreign?.mapping.dispose()
    this.foreign = undefined
    this.bundle = undefined
    this.targets = []
    this.step = 'file'
  }

  /** From how the file is read to what its columns are for. */
  async toColumns(): Promise<void> {
    const { foreign } = this
    if (!foreign?.file.view) return
    await this.#work(async () => {
      void this.strictness.fetch()
      await foreign.mapping.load(clientOf(this.targets))
      if (this.targets.length === 0) this.targets = [foreignTarget(foreign.mapping.lastVaultId)]
      this.step = 'columns'
    })
  }

  async inspect(file: FileRef): Promise<void> {
    await this.#work(async () => {
      this.bundle = await api.imports.inspect({ bundle: file.handle })
      this.targets = firstTargets(this.bundle.compartments)
      this.acceptsKey = false
      this.acceptsSequence = false
      this.step = 'sender'
    })
  }

  /** Stays at this step where the file wants a passphrase. */
  async useKeyFile(asked: AskedFile): Promise<void> {
    await this.#work(async () => {
      const file = await asked
      if (file === null) return
      const { form } = await api.imports.keyForm({ keys: file.handle })
      this.keyFile = file
      this.keyForm = form
      if (form !== 'wrapped') this.#useKeys({ handle: file.handle })
    })
  }

  usePassphrase(passphrase: string): void {
    if (this.keyFile) this.#useKeys({ handle: this.keyFile.handle, passphrase })
  }

  useKeyText(text: string): void {
    this.keyFile = undefined
    this.keyForm = undefined
    this.#useKeys({ text: text.trim() })
  }

  #useKeys(keys: Keys): void {
    this.#keys = keys
    this.failure = undefined
    void this.strictness.fetch()
    this.step = 'clients'
  }

  /** Goes back to a step already done; a plan made after it is dropped. */
  back(step: Step): void {
    if (this.busy || this.step === 'done' || this.steps.indexOf(step) >= this.steps.indexOf(this.step)) return
    this.step = step
    this.failure = undefined
    this.#dropPlan()
  }

  /** Runs everything but the write. */
  async check(): Promise<void> {
    const request = planRequest(this, this.#keys)
    if (!request || !this.mapped) return
    this.#discard()
    this.recheckedBecauseStale = false
    await this.#work(async (signal) => {
      const plan = await request({ signal, onProgress: (progress) => (this.progress = progress) })
      if (plan.counts.delete !== this.plan?.counts.delete) this.acceptsRemovals = false
      this.plan = plan
      if (this.foreign) this.targets = ofPlan(this.targets, plan)
      this.#keepExclusions(plan)
      this.step = 'check'
    })
    // The check before stays in sight until there is another, so that nothing jumps.
    if (this.failure !== undefined) this.plan = undefined
    if (isCode(this.failure, ...keyFailures)) this.step = 'key'
  }

  /**
   * Another treatment of differences; where a check is shown, it is made again.
   * @param handle of one compartment; without it, all are treated so.
   */
  async treat(strategy: Strategy, handle?: string): Promise<void> {
    for (const target of this.targets) {
      if (handle === undefined || target.handle === handle) target.strategy = strategy
    }
    if (this.step === 'check') await this.check()
  }

  /** Those that go somewhere; of one compartment, or all. */
  targetsOf(handle?: string): Target[] {
    return handle === undefined ? this.#chosen : this.targets.filter((target) => target.handle === handle)
  }

  /** How strictly these collections are merged; where a check is shown, it is made again. */
  async beStrict(changed: Levels, handle?: string): Promise<void> {
    for (const target of this.targetsOf(handle))
      target.strictness = withLevels(target, this.strictness.value, changed)
    if (this.step === 'check') await this.check()
  }

  isExcluded(row: PlanRow): boolean {
    return this.#excluded.has(rowName(row))
  }

  exclude(rows: readonly PlanRow[], excluded: boolean): void {
    const names = new Set(this.#excluded)
    for (const row of rows) {
      if (excluded) names.add(rowName(row))
      else names.delete(rowName(row))
    }
    this.#excluded = names
  }

  /** Writes, in one transaction. A plan that grew stale is made again for the person to look at. */
  async apply(reason: string): Promise<void> {
    const { plan } = this
    if (!plan || !this.canApply) return
    const exclude = [...plan.refused, ...plan.broken.rows]
      .filter((row) => this.isExcluded(row))
      .map(({ vault, collection, id }) => ({ vault, collection, id }))
    await this.#work(async (signal) => {
      const input = {
        planId: plan.planId,
        exclude,
        ...(this.doubts.key && { acceptChangedSender: true }),
        ...(this.doubts.sequence && { acceptSequence: true }),
        ...(this.acceptsRemovals && { acceptRemovals: true }),
        ...(this.against > 0 && { override: this.override.trim() }),
        ...(reason.trim() && { reason: reason.trim() }),
      }
      this.receipt = await call('imports.apply', input, {
        signal,
        onProgress: (progress) => (this.progress = progress),
      })
      this.step = 'done'
      this.plan = undefined
      this.#keys = undefined
    })
    // A period that was closed meanwhile stands in the new check, row by row.
    if (!isCode(this.failure, 'PLAN_STALE', 'PLAN_GONE', 'PERIOD_CLOSED', 'RULES_BROKEN')) return
    await this.check()
    this.recheckedBecauseStale = this.failure === undefined
  }

  cancel(): void {
    this.#abort?.abort()
  }

  /** Leaves: whatever was planned is dropped, nothing was written. */
  dispose(): void {
    this.cancel()
    this.foreign?.mapping.dispose()
    this.#dropPlan()
    this.#keys = undefined
  }

  #dropPlan(): void {
    this.#discard()
    this.plan = undefined
    this.recheckedBecauseStale = false
  }

  #discard(): void {
    const { plan } = this
    // An expired plan is already what this asks for.
    if (plan)
      void api.imports.discard({ planId: plan.planId }).catch((error: unknown) => (this.failure ??= error))
  }

  #keepExclusions(plan: PlanView): void {
    const shown = new Set([...plan.refused, ...plan.broken.rows].map(rowName))
    this.#excluded = new Set([...this.#excluded].filter((name) => shown.has(name)))
  }

  async #work(task: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#abort = new AbortController()
    this.busy = true
    this.failure = undefined
    try {
      await task(this.#abort.signal)
    } catch (error) {
      this.failure = error
    } finally {
      this.busy = false
      this.progress = undefined
    }
  }
}
