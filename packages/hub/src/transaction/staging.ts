/** What a transaction wants to write, before anything is decided. One entry per row: the last call counts. */
import { checkId } from '../collection/check-name.ts'
import { toJsonValue } from '../collection/json-value.ts'
import { generateULID } from '../ids.ts'
import type { DeleteOptions, PutOptions } from '../types/collection.ts'
import type { VaultCore } from '../vault/vault-core.ts'

export interface StagedPut {
  readonly op: 'put'
  readonly collection: string
  readonly id: string
  /** A checked copy of the caller's record. */
  readonly record: unknown
  readonly options: PutOptions
}

export interface StagedDelete {
  readonly op: 'delete'
  readonly collection: string
  readonly id: string
  readonly options: DeleteOptions
}

export type StagedWrite = StagedPut | StagedDelete

/** A reserved row: `sidecar` is the stored collection, `keyCollection` whose key seals it. */
export interface StagedSidecar {
  readonly sidecar: string
  readonly id: string
  readonly keyCollection: string
  /** Undefined = delete. */
  readonly row?: unknown
  readonly expectedVersion?: number
}

/** The writes of one vault. */
export class Batch {
  readonly core: VaultCore
  readonly #writes = new Map<string, StagedWrite>()
  #groups: ReadonlyMap<string, readonly StagedWrite[]> | null = null
  #hasDeletes = false
  readonly sidecars = new Map<string, StagedSidecar>()

  constructor(core: VaultCore) {
    this.core = core
  }

  get writes(): ReadonlyMap<string, StagedWrite> {
    return this.#writes
  }

  /** Something was to be deleted at some time. */
  get hasDeletes(): boolean {
    return this.#hasDeletes
  }

  put(collection: string, id: string, record: unknown, options: PutOptions = {}): void {
    checkId(id)
    this.#stage({ op: 'put', collection, id, record: toJsonValue(record), options })
  }

  delete(collection: string, id: string, options: DeleteOptions = {}): void {
    checkId(id)
    this.#hasDeletes = true
    this.#stage({ op: 'delete', collection, id, options })
  }

  staged(collection: string, id: string): StagedWrite | undefined {
    return this.#writes.get(rowKey(collection, id))
  }

  replaceRecord(write: StagedPut, record: unknown): void {
    this.#set(rowKey(write.collection, write.id), { ...write, record })
  }

  putSidecar(sidecar: StagedSidecar): void {
    this.sidecars.set(rowKey(sidecar.sidecar, sidecar.id), sidecar)
  }

  /** Staged rows by collection. */
  byCollection(): ReadonlyMap<string, readonly StagedWrite[]> {
    this.#groups ??= this.#grouped()
    return this.#groups
  }

  #grouped(): Map<string, StagedWrite[]> {
    const groups = new Map<string, StagedWrite[]>()
    for (const write of this.#writes.values()) {
      const group = groups.get(write.collection)
      if (group === undefined) groups.set(write.collection, [write])
      else group.push(write)
    }
    return groups
  }

  /** What the caller saw is what the first of two writes to a row says. */
  #stage(write: StagedWrite): void {
    const key = rowKey(write.collection, write.id)
    const expectedVersion = this.#writes.get(key)?.options.expectedVersion
    if (expectedVersion === undefined) return this.#set(key, write)
    this.#set(key, { ...write, options: { ...write.options, expectedVersion } }) // the same variant with other options
  }

  #set(key: string, write: StagedWrite): void {
    this.#writes.set(key, write)
    this.#groups = null
  }
}

export class Staging {
  readonly #batches = new Map<VaultCore, Batch>()

  #id: string | null = null

  /** Made when somebody asks: a plain put without audit and hooks needs none. */
  get id(): string {
    this.#id ??= generateULID()
    return this.#id
  }

  batch(core: VaultCore): Batch {
    let batch = this.#batches.get(core)
    if (batch === undefined) this.#batches.set(core, (batch = new Batch(core)))
    return batch
  }

  /** In the order of vault names, in which their locks are taken. */
  batches(): Batch[] {
    const used = [...this.#batches.values()].filter(({ writes, sidecars }) => writes.size + sidecars.size > 0)
    return used.sort((left, right) => (left.core.name < right.core.name ? -1 : 1))
  }
}

function rowKey(collection: string, id: string): string {
  return `${collection}/${id}`
}
