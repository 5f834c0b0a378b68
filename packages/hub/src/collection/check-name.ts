/** Names and ids, checked before anything is read or written. */
import { ReservedVaultNameError, ValidationError } from '../errors.ts'
import { limits } from '../limits.ts'
import { USERS_VAULT_NAME } from '../keyring/salts.ts'

/** Any text up to the cap. @throws ValidationError */
export function checkId(id: unknown): asserts id is string {
  if (typeof id !== 'string' || id === '') throw new ValidationError('A record id is a text, not empty.')
  assertBytes('A record id', id, limits.idBytes)
  // Half a surrogate pair would not survive UTF-8, so two such ids could become one.
  if (!id.isWellFormed()) throw new ValidationError('A record id is well-formed Unicode.')
}

/** @throws ValidationError; names with `_` in front are the hub's own */
export function checkCollectionName(name: unknown): asserts name is string {
  checkName('collection', name)
  if (name.startsWith('_')) throw new ValidationError(`The collection name "${name}" is reserved.`)
  // Rows of sidecars are addressed as <collection>/<id>.
  if (name.includes('/')) throw new ValidationError(`A collection name has no slash: "${name}".`)
}

/** @throws ValidationError, ReservedVaultNameError */
export function checkVaultName(name: unknown): asserts name is string {
  checkName('vault', name)
  if (name === USERS_VAULT_NAME) throw new ReservedVaultNameError(name)
}

/** @throws ValidationError */
export function checkSidecarName(name: unknown): asserts name is string {
  checkName('sidecar', name)
  if (!name.startsWith('_') || name.includes('/'))
    throw new ValidationError(`A sidecar name starts with an underscore and has no slash: "${name}".`)
}

function checkName(kind: string, name: unknown): asserts name is string {
  if (typeof name !== 'string' || name === '')
    throw new ValidationError(`A ${kind} name is a text, not empty.`)
  assertBytes(`A ${kind} name`, name, limits.nameBytes)
}

function assertBytes(what: string, text: string, most: number): void {
  if (text.length * 3 > most && Buffer.byteLength(text) > most)
    throw new ValidationError(`${what} has at most ${most} bytes.`)
}
