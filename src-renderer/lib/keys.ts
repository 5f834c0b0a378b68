/**
 * Every keyboard command of the window. Screens register bindings while they are shown; the `?` overlay lists what is
 * registered, so a key that works is always a key that is written down.
 */
export interface KeyBinding {
  /** `n`, `Enter`, `?`, `Mod+k`, `Shift+ArrowDown`, or a sequence such as `g c`. */
  readonly keys: string
  readonly label: string
  readonly run: (event: KeyboardEvent) => void
  /** Also while a text field has the focus. */
  readonly inFields?: boolean
  /** Also while a dialog is open. */
  readonly inDialogs?: boolean
  readonly when?: () => boolean
}

export interface KeyGroup {
  readonly title: string
  readonly bindings: readonly KeyBinding[]
}

const sequenceMs = 900
const groups: KeyGroup[] = []
let prefix: { key: string; until: number } | undefined

/** @returns a function that takes the keys back. */
export function registerKeys(title: string, bindings: readonly KeyBinding[]): () => void {
  const group = { title, bindings }
  groups.push(group)
  return () => {
    const index = groups.indexOf(group)
    if (index >= 0) groups.splice(index, 1)
  }
}

/** What is registered now, the newest screen first. */
export function registeredKeys(): readonly KeyGroup[] {
  return groups.toReversed()
}

/** Runs the newest binding for this key press; true when one ran. */
export function handleKey(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing) return false
  const pressed = keyName(event)
  const names = [...(prefix && prefix.until > event.timeStamp ? [`${prefix.key} ${pressed}`] : []), pressed]
  prefix = undefined
  const binding = names.map((name) => findBinding(name, event)).find((found) => found !== undefined)
  if (binding) {
    event.preventDefault()
    binding.run(event)
    return true
  }
  if (startsSequence(pressed) && !isField(event.target))
    prefix = { key: pressed, until: event.timeStamp + sequenceMs }
  return false
}

function findBinding(name: string, event: KeyboardEvent): KeyBinding | undefined {
  const inField = isField(event.target)
  const inDialog = document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null
  return groups
    .toReversed()
    .flatMap((group) => group.bindings)
    .find(
      (binding) =>
        binding.keys === name &&
        (!inField || binding.inFields === true) &&
        (!inDialog || binding.inDialogs === true) &&
        (binding.when?.() ?? true),
    )
}

function startsSequence(pressed: string): boolean {
  return groups.some((group) => group.bindings.some((binding) => binding.keys.startsWith(`${pressed} `)))
}

/** `Mod` is Ctrl, or Command on a Mac; Shift is named only where the character does not show it. */
function keyName(event: KeyboardEvent): string {
  const mod = event.ctrlKey || event.metaKey ? 'Mod+' : ''
  const alt = event.altKey ? 'Alt+' : ''
  const shift = event.shiftKey && event.key.length > 1 ? 'Shift+' : ''
  return mod + alt + shift + event.key
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(fieldSelector))
}

const fieldSelector =
  'textarea, select, input:not([type="checkbox"]):not([type="radio"]):not([type="button"]):not([type="file"])'
