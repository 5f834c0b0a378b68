/** Which key opens which compartment: senders name keys by handle, by seal, or by the vault's name. */
import { readNoydbBundleHeader } from '@noy-db/hub/bundle'
import type { Compartment } from '../bundle/read.ts'

/** The names of a compartment, the surest first. A name that two compartments disclose is none. */
function namesOf({ entry, inner }: Compartment, all: readonly Compartment[]): string[] {
  const sealId = readNoydbBundleHeader(inner).transferSeal?.sealId
  const { name } = entry
  const isOwn = name !== undefined && all.filter((other) => other.entry.name === name).length === 1
  return [entry.handle, ...(sealId === undefined ? [] : [sealId]), ...(isOwn ? [name] : [])]
}

/** Undefined where no key is under any of the compartment's names. */
export function findKey(
  keys: Readonly<Record<string, Uint8Array>>,
  compartment: Compartment,
  all: readonly Compartment[],
): Uint8Array | undefined {
  const name = namesOf(compartment, all).find((one) => Object.hasOwn(keys, one))
  return name === undefined ? undefined : keys[name]
}
