export interface MenuItem {
  readonly label: string
  readonly run: () => void
  readonly shortcut?: string
  readonly disabled?: boolean
  readonly danger?: boolean
  /** A line above this item. */
  readonly divided?: boolean
}
