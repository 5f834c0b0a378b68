import type { Snippet } from 'svelte'
import type { HTMLInputAttributes } from 'svelte/elements'

export interface TextFieldProps extends Omit<HTMLInputAttributes, 'value'> {
  label: string
  value: string
  help?: string | undefined
  problem?: string | undefined
  /** The label is for screen readers only; the place says it already. */
  quiet?: boolean
  /** Figures: right aligned. */
  numeric?: boolean
  /** The input itself, for focus. */
  input?: HTMLInputElement | undefined
  /** Inside the box, at its end. */
  end?: Snippet
  /** Under the box. */
  below?: Snippet | undefined
}
