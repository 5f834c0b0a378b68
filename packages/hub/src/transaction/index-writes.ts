/** What a transaction says to the store about indexes: tokens of the rows it writes, and that nobody changed what is indexed. */
import { firstIndexes, mayBringIndexes } from '../indexes/build-indexes.ts'
import { indexRowOp, type StoredIndexes } from '../indexes/index-row.ts'
import type { TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import type { Plan, PlannedWrite } from './plan.ts'

export interface IndexWrites {
  /** The tokens of one written or deleted row. */
  tokensOf(row: PlannedWrite): TxOp | null
  /** Appended once for the transaction, after its rows. */
  ending(ops: TxOp[]): void
  /** The store has it. */
  written(): void
}

const noIndexWrites: IndexWrites = {
  tokensOf: () => null,
  ending: () => undefined,
  written: () => undefined,
}

/** A promise only where something has to be read. The keys of the plan are in memory already. */
export function indexWrites({ batch, writes }: Plan): IndexWrites | Promise<IndexWrites> {
  const { core } = batch
  if (writes.length === 0 || !core.indexes.areKept) return noIndexWrites
  const collections = [...batch.byCollection().keys()]
  if (collections.every((collection) => isSettled(core, collection)))
    return new KnownIndexes(core, collections, NO_FIRST)
  return readIndexes(core, collections)
}

/** The store was asked before, and a first row would bring no index with it. */
function isSettled(core: VaultCore, collection: string): boolean {
  return core.indexes.isKnown(collection) && !mayBringIndexes(core, core.stateOf(collection))
}

const NO_FIRST: ReadonlyMap<string, StoredIndexes> = new Map()

async function readIndexes(core: VaultCore, collections: readonly string[]): Promise<IndexWrites> {
  const first = new Map<string, StoredIndexes>()
  for (const collection of collections) {
    await core.indexes.stored(collection)
    const fresh = await firstIndexes(core, core.stateOf(collection))
    if (fresh !== null) first.set(collection, fresh)
  }
  return new KnownIndexes(core, collections, first)
}

class KnownIndexes implements IndexWrites {
  readonly #core: VaultCore
  readonly #collections: readonly string[]
  /** What this transaction is the first to store. */
  readonly #first: ReadonlyMap<string, StoredIndexes>
  /** Of these, what went to the store. */
  readonly #sent: Array<readonly [collection: string, stored: StoredIndexes]> = []

  constructor(core: VaultCore, collections: readonly string[], first: ReadonlyMap<string, StoredIndexes>) {
    this.#core = core
    this.#collections = collections
    this.#first = first
  }

  tokensOf({ collection, id, value }: PlannedWrite): TxOp | null {
    const { indexes } = this.#core
    return indexes.tokenOp(this.#first.get(collection) ?? indexes.known(collection), collection, id, value)
  }

  ending(ops: TxOp[]): void {
    for (const collection of this.#collections) ops.push(this.#endingOp(collection))
  }

  written(): void {
    for (const [collection, stored] of this.#sent) this.#core.indexes.note(collection, stored)
  }

  #endingOp(collection: string): TxOp {
    const first = this.#first.get(collection)
    const key = first === undefined ? undefined : this.#core.keys.held(collection)
    // Without a key nothing was put into the collection.
    if (first === undefined || key === undefined) return this.#core.indexes.checkOp(collection)
    this.#sent.push([collection, first])
    return indexRowOp(this.#core, key, collection, first)
  }
}
