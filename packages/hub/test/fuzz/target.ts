/** A parser under fire: how its inputs are made, and what it may answer. */
import type { mutateBytes, mutateJson, mutateText } from './mutate.ts'
import type { Random } from './random.ts'

export interface Tools {
  readonly random: Random
  readonly mutateBytes: typeof mutateBytes
  readonly mutateJson: typeof mutateJson
  readonly mutateText: typeof mutateText
}

export interface Target {
  readonly name: string
  /** One input; the same random numbers give the same bytes. */
  make(tools: Tools): Uint8Array
  parse(bytes: Uint8Array): Promise<unknown>
  /** An error that says in a coded way that the input is refused; anything else is a defect. */
  isRefusal(error: unknown): boolean
}

/** How far a body may expand here, so that what is beyond the cap costs little to make. */
export const EXPANDED_BYTES = 16 * 1024 * 1024
