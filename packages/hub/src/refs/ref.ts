/** Declaring references between collections of one vault. */
import { RefScopeError, ValidationError } from '../errors.ts'
import type { RefDescriptor, RefMode } from '../types/schema.ts'

const MODES: ReadonlySet<string> = new Set<RefMode>(['strict', 'warn', 'cascade'])

/** @throws RefScopeError for a target outside the vault, ValidationError for none or a reserved one */
export function ref(target: string, mode: RefMode = 'strict'): RefDescriptor {
  if (target.includes('/')) throw new RefScopeError(target)
  if (target === '' || target.startsWith('_'))
    throw new ValidationError(`"${target}" cannot be the target of a reference.`)
  if (!MODES.has(mode)) throw new ValidationError(`"${mode}" is no reference mode.`)
  return { target, mode }
}
