/** Where the keyboard is in the conflict screen, and how to put it somewhere else. */
export type Zone = 'list' | 'fields' | 'elsewhere'

const radios = 'input[type="radio"]:not(:disabled)'

export function zoneInFocus(): Zone {
  const at = document.activeElement
  if (at?.closest('[data-path]')) return 'fields'
  return at?.closest('[data-zone="list"]') ? 'list' : 'elsewhere'
}

export function fieldInFocus(): string | null {
  return document.activeElement?.closest<HTMLElement>('[data-path]')?.dataset.path ?? null
}

export function focusList(root: HTMLElement | undefined): void {
  root?.querySelector<HTMLElement>('[data-zone="list"]')?.focus()
}

/** Puts the focus on the field's pick, or on the column of A where nothing is picked. */
export function focusField(root: HTMLElement | undefined, path: string): boolean {
  const row = root?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)
  const target =
    row?.querySelector<HTMLElement>(`${radios}:checked`) ??
    row?.querySelector<HTMLElement>(`[data-side="ours"] ${radios}`)
  target?.focus()
  row?.scrollIntoView({ block: 'nearest' })
  return target !== undefined && target !== null
}

/** Moves through the fields as they stand on screen; false at the ends. */
export function stepField(root: HTMLElement | undefined, by: number): boolean {
  const paths = shownPaths(root)
  const next = paths[paths.indexOf(fieldInFocus() ?? '') + by]
  return next !== undefined && focusField(root, next)
}

/** The sides of the focused field from left to right, for picking with the arrows. */
export function stepSide(by: number): void {
  const row = document.activeElement?.closest('[data-path]')
  const choices = [...(row?.querySelectorAll<HTMLInputElement>(radios) ?? [])]
  const at = choices.findIndex((radio) => radio === document.activeElement)
  const next = choices[at + by]
  next?.focus()
  next?.click()
}

export function shownPaths(root: HTMLElement | undefined): string[] {
  return [...(root?.querySelectorAll<HTMLElement>('[data-path]') ?? [])].map((row) => row.dataset.path ?? '')
}

/** Enter and the digits belong to a control that uses them itself. */
export function isOnControl(): boolean {
  return document.activeElement?.matches('button, a, select, summary, [role="separator"]') ?? false
}
