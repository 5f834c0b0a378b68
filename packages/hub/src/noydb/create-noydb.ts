/** `createNoydb`: checks its options and touches no store. */
import { parseSaltRow, newSaltRow } from '../crypto/kdf.ts'
import { ValidationError } from '../errors.ts'
import { memory } from '../memory.ts'
import type { WriteGuard } from '../transaction/guard-point.ts'
import type { NoydbOptions } from '../types/vault.ts'
import { Noydb } from './noydb.ts'
import { Session } from './session.ts'

const DEFAULT_RECENT_BYTES = 16 * 1024 * 1024

/** @throws ValidationError without a secret, unless `encrypt` is false */
export async function createNoydb(options: NoydbOptions): Promise<Noydb> {
  const {
    user,
    secret,
    encrypt = true,
    store = memory(),
    history = false,
    audit = false,
    kdf,
    clock,
    recentBytes = DEFAULT_RECENT_BYTES,
  } = options
  if (typeof user !== 'string' || user === '') throw new ValidationError('A session needs a user id.')
  if (encrypt && (typeof secret !== 'string' || secret === ''))
    throw new ValidationError('An encrypted session needs a secret.')
  if (kdf !== undefined) parseSaltRow(newSaltRow(kdf)) // refuses parameters that no stored keyring may carry
  const guards = (options.guardStrategies ?? []).map(guardOf)
  return new Noydb(
    new Session({
      store,
      userId: user,
      secret: encrypt ? secret : undefined,
      history,
      audit,
      kdf,
      clock,
      guards,
      recentBytes,
    }),
  )
}

function guardOf(handle: unknown): WriteGuard {
  if (typeof handle === 'object' && handle !== null && '__noydb_strategy' in handle && 'spec' in handle) {
    if (handle.__noydb_strategy === 'guard' && isGuard(handle.spec)) return handle.spec
  }
  throw new ValidationError('guardStrategies holds something that is no guard.')
}

function isGuard(spec: unknown): spec is WriteGuard {
  if (typeof spec !== 'object' || spec === null) return false
  return (
    'collection' in spec &&
    typeof spec.collection === 'string' &&
    'check' in spec &&
    typeof spec.check === 'function'
  )
}
