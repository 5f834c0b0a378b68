/**
 * A real store that stops in the middle: after a number of writes every call fails, as for a process whose disk or
 * connection has gone. The write it stops at may have been done, with its answer lost.
 */
import type { NoydbStore } from '../../types/store.ts'

export class Stopped extends Error {
  constructor() {
    super('The store has stopped.')
  }
}

export interface FaultStore {
  readonly store: NoydbStore
  /** Stops at the write that comes after `writes` more; `done`: that one is carried out all the same. */
  stopAfter(writes: number, done: boolean): void
  /** Works again. Says whether it had stopped. */
  heal(): boolean
}

interface Fuse {
  left: number
  readonly done: boolean
}

export function faultStore(inner: NoydbStore): FaultStore {
  let fuse: Fuse | null = null
  let stopped = false
  const read = async <T>(call: () => Promise<T>): Promise<T> => {
    if (stopped) throw new Stopped()
    return call()
  }
  const write = async (call: () => Promise<void>): Promise<void> => {
    if (stopped) throw new Stopped()
    if (fuse === null || fuse.left-- > 0) return call()
    stopped = true
    if (fuse.done) await call()
    throw new Stopped()
  }
  return {
    store: guarded(inner, read, write),
    stopAfter(writes, done) {
      fuse = { left: writes, done }
    },
    heal() {
      const had = stopped
      stopped = false
      fuse = null
      return had
    },
  }
}

type Read = <T>(call: () => Promise<T>) => Promise<T>
type Write = (call: () => Promise<void>) => Promise<void>

const WRITES: ReadonlySet<PropertyKey> = new Set(['put', 'delete', 'saveAll', 'tx', 'txStream'])

/** Every method of the store, and none that it lacks. */
function guarded(inner: NoydbStore, read: Read, write: Write): NoydbStore {
  return new Proxy(inner, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      const call = (args: unknown[]) => (): Promise<never> =>
        Reflect.apply(member, target, args) as Promise<never> // all methods of the port are asynchronous
      return WRITES.has(name)
        ? (...args: unknown[]) => write(call(args))
        : (...args: unknown[]) => read(call(args))
    },
  })
}
