/** One piece of work at a time, in the order of asking. */
import type { NoydbStore } from '../types/store.ts'

export class Mutex {
  #tail: Promise<unknown> = Promise.resolve()

  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(work)
    this.#tail = done.catch(() => undefined) // the caller sees the failure; the next in line does not
    return done
  }
}

type Locks = Map<string, Mutex>
const keyringLocks = new WeakMap<NoydbStore, Locks>()
const vaultLocks = new WeakMap<NoydbStore, Locks>()

/**
 * The lock of one vault's keyring over one store object, shared by every instance in this process:
 * on a store without `tx` it is all that keeps two first writes from minting two keys.
 */
export function keyringLock(store: NoydbStore, vault: string): Mutex {
  return lockIn(keyringLocks, store, vault)
}

/**
 * Held by whoever writes to the vault, shared in the same way: a rotation of keys has to see every row.
 * Taken before the keyring's.
 */
export function vaultLock(store: NoydbStore, vault: string): Mutex {
  return lockIn(vaultLocks, store, vault)
}

function lockIn(byStore: WeakMap<NoydbStore, Locks>, store: NoydbStore, vault: string): Mutex {
  let locks = byStore.get(store)
  if (locks === undefined) byStore.set(store, (locks = new Map<string, Mutex>()))
  let lock = locks.get(vault)
  if (lock === undefined) locks.set(vault, (lock = new Mutex()))
  return lock
}

/** Runs `work` holding every lock. Take them in one agreed order (by vault name), or two callers can wait for each other. */
export function runLocked<T>(locks: readonly Mutex[], work: () => Promise<T>): Promise<T> {
  const [first, second] = locks
  if (first === undefined) return work()
  return first.run(second === undefined ? work : () => runLocked(locks.slice(1), work))
}
