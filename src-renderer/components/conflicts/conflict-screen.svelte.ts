/**
 * What the person does on the conflict screen: picking, moving, applying, and where the focus goes after each, so
 * that it is never lost. After a decision the keyboard is in the same part of the screen as before, one record on.
 */
import { tick } from 'svelte'
import type { ConflictDesk } from '../../stores/conflict-desk.svelte.ts'
import type { Side } from '../../stores/conflict-draft.svelte.ts'
import { canType } from '../../lib/field-parse.ts'
import { counted } from '../ui/format.ts'
import { toasts } from '../ui/toasts.svelte.ts'
import { fieldInFocus, focusField, focusList, shownPaths, zoneInFocus, type Zone } from './field-focus.ts'

export class ConflictScreen {
  /** Equal fields are shown too. */
  all = $state(false)
  /** Path of the field whose own value is being typed. */
  editing: string | null = $state(null)
  dialog: 'bulk' | 'close' | 'receipt' | null = $state(null)
  root: HTMLElement | undefined
  reasonInput: HTMLInputElement | undefined = $state.raw()
  /** Asks why a rule is broken; there only while that is asked. */
  overrideInput: HTMLInputElement | undefined = $state.raw()
  readonly desk: ConflictDesk
  #wanted: Zone | null = 'list'
  #told = 0

  constructor(desk: ConflictDesk) {
    this.desk = desk
  }

  async pick(side: Side): Promise<void> {
    const { draft } = this.desk
    if (draft?.detail.status !== 'open') return
    const path = fieldInFocus()
    if (path === null || draft.deletion) {
      draft.pickAll(side)
      return
    }
    draft.pickField(path, side)
    // The radio of the side picked is checked with the next drawing.
    await tick()
    const shown = shownPaths(this.root)
    const next = shown.slice(shown.indexOf(path)).find((other) => draft.open.includes(other))
    focusField(this.root, next ?? path)
  }

  clear(): void {
    const path = fieldInFocus()
    if (path === null) this.desk.draft?.clearAll()
    else this.desk.draft?.clearField(path)
  }

  move(by: number): void {
    this.#leave()
    this.desk.queue.move(by)
  }

  goTo(index: number): void {
    this.#leave()
    this.desk.queue.select(index)
  }

  skip(): void {
    this.#leave()
    this.desk.skip()
  }

  async apply(): Promise<void> {
    const path = fieldInFocus()
    this.#leave()
    const outcome = await this.desk.apply()
    if (outcome === 'decided') {
      this.#decided('Decided')
      return
    }
    this.#wanted = null
    if (outcome === 'against') {
      await tick()
      this.overrideInput?.focus()
      return
    }
    const issue = this.desk.preview.answer?.issues[0]?.path
    const waiting = outcome === 'open' ? this.desk.draft?.open[0] : outcome === 'invalid' ? issue : path
    if (waiting !== undefined && waiting !== null) this.#focusPath(waiting)
  }

  /** Nothing is decided against the rule after all; the picks stay. */
  keepRule(): void {
    if (this.desk.draft) this.desk.draft.override = null
    focusList(this.root)
  }

  async close(): Promise<void> {
    this.#leave()
    const outcome = await this.desk.close()
    if (outcome === 'open') return
    this.endDialog()
    if (outcome === 'decided') this.#decided('Closed')
  }

  async undo(batchId?: string): Promise<void> {
    this.#leave()
    const shown = this.desk.draft?.detail
    const undone = await this.desk.undo(
      batchId ?? (shown?.status === 'decided' ? shown.decision?.batchId : undefined),
    )
    if (undone === null) return
    toasts.dismiss(this.#told)
    toasts.show(`Undone: ${counted(undone, 'conflict')} open again.`)
  }

  /** A rule decided many. */
  decidedMany(batchId: string, count: number): void {
    this.endDialog()
    this.desk.noteMany(batchId, count)
    this.#toast(`${counted(count, 'conflict')} decided.`)
  }

  edit(path = fieldInFocus() ?? this.desk.draft?.open[0] ?? null): void {
    const field = this.desk.draft?.detail.fields.find((one) => one.path === path)
    if (!field || this.desk.draft?.detail.status !== 'open' || this.desk.draft.deletion) return
    if (canType(field.hint)) this.editing = field.path
    else toasts.show('Lines are taken from one side; edit them in the record.')
  }

  /** The editor closed: back to its row, or on to the next field that waits. */
  async endEdit(): Promise<void> {
    const path = this.editing
    this.editing = null
    await tick()
    if (path !== null && !focusField(this.root, path)) focusList(this.root)
  }

  /** Into the fields: the first that waits, else the first. */
  enterFields(): void {
    const open = this.desk.draft?.open[0]
    this.#focusPath(open ?? shownPaths(this.root)[0] ?? '')
  }

  endDialog(): void {
    this.dialog = null
    void tick().then(() => focusList(this.root))
  }

  /** Another record is on the desk: the keyboard goes where it was on the one before. */
  async shown(): Promise<void> {
    const wanted = this.#wanted
    if (wanted === null) return
    this.#wanted = null
    await tick()
    if (wanted === 'fields') this.enterFields()
    else if (document.activeElement === document.body) focusList(this.root)
  }

  /** The list keeps the focus while the record below it changes. */
  #leave(): void {
    this.#wanted = zoneInFocus() === 'fields' ? 'fields' : 'list'
    this.editing = null
    if (this.root?.contains(document.activeElement) || document.activeElement === document.body)
      focusList(this.root)
  }

  #focusPath(path: string): void {
    if (focusField(this.root, path)) return
    const choice = this.root?.querySelector<HTMLInputElement>('[data-zone="choice"] input')
    choice?.focus()
  }

  #decided(word: string): void {
    this.#toast(`${word}: ${this.desk.decided.at(-1)?.title ?? ''}`)
  }

  /** One way back at a time: it is the newest that the key takes. */
  #toast(text: string): void {
    const batchId = this.desk.decided.at(-1)?.batchId
    toasts.dismiss(this.#told)
    const action = { label: 'Undo', shortcut: 'u', run: () => void this.undo(batchId) }
    this.#told = toasts.show(text, { action })
  }
}
