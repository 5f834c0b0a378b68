/**
 * The keys of the conflict screen. Digits decide: the whole record from the list, the field from the fields. Letters
 * are commands and mean the same everywhere. `j` and `k` change the record and keep the keyboard where it is.
 */
import type { KeyBinding, KeyGroup } from '../../lib/keys.ts'
import type { ConflictScreen } from './conflict-screen.svelte.ts'
import { focusList, isOnControl, stepField, stepSide, zoneInFocus } from './field-focus.ts'

export function conflictKeys(screen: ConflictScreen): KeyGroup[] {
  return [
    { title: 'In the fields of a conflict', bindings: fields(screen) },
    { title: 'In the list of conflicts', bindings: inList(screen) },
    // The newest that fits runs: Escape leaves a question before it leaves the fields.
    { title: 'Conflicts', bindings: [...deciding(screen), ...commands(screen)] },
  ]
}

const inFields = (): boolean => zoneInFocus() === 'fields'
const notInFields = (): boolean => !inFields() && !isOnControl()

function deciding(screen: ConflictScreen): KeyBinding[] {
  const mayApply = (): boolean => {
    const at = document.activeElement
    const isTyping = at instanceof HTMLInputElement && at.type === 'text'
    return !isOnControl() && (!isTyping || at === screen.reasonInput || at === screen.overrideInput)
  }
  return [
    { keys: 'j', label: 'Next conflict', run: () => screen.move(1) },
    { keys: 'k', label: 'Previous conflict', run: () => screen.move(-1) },
    { keys: '1', label: 'Take A (record or field)', run: () => void screen.pick('ours') },
    { keys: '2', label: 'Take B (record or field)', run: () => void screen.pick('theirs') },
    {
      keys: '3',
      label: 'Take the base (record or field)',
      run: () => void screen.pick('base'),
    },
    { keys: '0', label: 'Take the picks back', run: () => screen.clear() },
    {
      keys: 'Enter',
      label: 'Apply and next',
      inFields: true,
      when: mayApply,
      run: () => void screen.apply(),
    },
    {
      keys: 'Mod+Enter',
      label: 'Apply and next, from anywhere',
      inFields: true,
      run: () => void screen.apply(),
    },
    {
      keys: 'Escape',
      label: 'Keep the rule, decide again',
      inFields: true,
      when: () => screen.overrideInput !== undefined && document.activeElement === screen.overrideInput,
      run: () => screen.keepRule(),
    },
    { keys: 's', label: 'Skip', run: () => screen.skip() },
    { keys: 'u', label: 'Undo the last decision', run: () => void screen.undo() },
    { keys: 'Mod+z', label: 'Undo the last decision', run: () => void screen.undo() },
  ]
}

function inList(screen: ConflictScreen): KeyBinding[] {
  const { queue } = screen.desk
  return [
    { keys: 'ArrowDown', label: 'Next conflict', when: notInFields, run: () => screen.move(1) },
    { keys: 'ArrowUp', label: 'Previous conflict', when: notInFields, run: () => screen.move(-1) },
    { keys: 'PageDown', label: 'Ten conflicts down', when: notInFields, run: () => screen.move(10) },
    { keys: 'PageUp', label: 'Ten conflicts up', when: notInFields, run: () => screen.move(-10) },
    { keys: 'Home', label: 'First conflict', when: notInFields, run: () => screen.goTo(0) },
    { keys: 'End', label: 'Last conflict', when: notInFields, run: () => screen.goTo(queue.total - 1) },
    { keys: 'ArrowRight', label: 'Into the fields', when: notInFields, run: () => screen.enterFields() },
  ]
}

function fields(screen: ConflictScreen): KeyBinding[] {
  return [
    { keys: 'ArrowDown', label: 'Next field', when: inFields, run: () => void stepField(screen.root, 1) },
    { keys: 'ArrowUp', label: 'Previous field', when: inFields, run: () => void stepField(screen.root, -1) },
    { keys: 'ArrowRight', label: 'Take the version to the right', when: inFields, run: () => stepSide(1) },
    { keys: 'ArrowLeft', label: 'Take the version to the left', when: inFields, run: () => stepSide(-1) },
    { keys: 'e', label: 'Type an own value for the field', run: () => screen.edit() },
    { keys: 'Escape', label: 'Back to the list', inFields: true, run: () => focusList(screen.root) },
  ]
}

function commands(screen: ConflictScreen): KeyBinding[] {
  const isOpenQueue = (): boolean => screen.desk.queue.filter.status === 'open' && screen.desk.queue.total > 0
  const isOpen = (): boolean => screen.desk.draft?.detail.status === 'open'
  return [
    { keys: 'd', label: 'Only what differs, or all fields', run: () => (screen.all = !screen.all) },
    { keys: 'r', label: 'Reason', when: isOpen, run: () => screen.reasonInput?.focus() },
    {
      keys: 'f',
      label: 'Filter',
      run: () => screen.root?.querySelector<HTMLElement>('[data-zone="filters"] select')?.focus(),
    },
    { keys: 'b', label: 'Decide many by a rule', when: isOpenQueue, run: () => (screen.dialog = 'bulk') },
    { keys: 'p', label: 'Save a receipt of decisions', run: () => (screen.dialog = 'receipt') },
    { keys: 'x', label: 'Close without deciding', when: isOpen, run: () => (screen.dialog = 'close') },
  ]
}
