/** What a transaction says to the store about indexes: tokens of the rows it writes, and that nobody changed what is indexed. */
import { firstIndexes } from '../indexes/build-indexes.ts'
import { indexRowOp, type StoredIndexes } from '../indexes/index-row.ts'
import type { TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import type { Plan, PlannedWrite } from './plan.ts'

export interface IndexWrites {
  /** The tokens of one written or deleted row. */
  tokensOf(row: PlannedWrite): TxOp | null
  /** Once for the transaction, after its rows. */
  ending(): TxOp[]
  /** The store has it. */
  written(): void
}

const noIndexWrites: IndexWrites = { tokensOf: () => null, ending: () => [], written: () => undefined }

/** Reads what is indexed; the keys of the plan are in memory already. */
export async function indexWrites({ batch, writes }: Plan): Promise<IndexWrites> {
  const { core } = batch
  if (writes.length === 0 || !core.indexes.areKept) return noIndexWrites
  const first = new Map<string, StoredIndexes>()
  const collections = [...batch.byCollection().keys()]
  for (const collection of collections) {
    await core.indexes.stored(collection)
    const fresh = await firstIndexes(core, core.stateOf(collection))
    if (fresh !== null) first.set(collection, fresh)
  }
  const noted = new Map<string, StoredIndexes>()
  return {
    tokensOf: ({ collection, id, value }) =>
      core.indexes.tokenOp(first.get(collection) ?? core.indexes.known(collection), collection, id, value),
    ending: () => collections.map((name) => ending(core, name, first.get(name), noted)),
    written() {
      for (const [collection, stored] of noted) core.indexes.note(collection, stored)
    },
  }
}

/** Without a key nothing was put into the collection. */
function ending(
  core: VaultCore,
  collection: string,
  first: StoredIndexes | undefined,
  noted: Map<string, StoredIndexes>,
): TxOp {
  const key = core.keys.held(collection)
  if (first === undefined || key === undefined) return core.indexes.checkOp(collection)
  noted.set(collection, first)
  return indexRowOp(core, key, collection, first)
}
