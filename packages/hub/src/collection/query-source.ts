/** What a query reads of a collection. */
import { usableIndexes } from '../indexes/build-indexes.ts'
import { chooseIndex, type Equality } from '../indexes/choose.ts'
import type { QueryRow, QuerySource } from '../query/source.ts'
import type { RefDescriptor } from '../types/schema.ts'
import type { CollectionState, VaultCore } from '../vault/vault-core.ts'

async function* none(): AsyncGenerator<never> {
  // Nothing stored equals what was asked for.
}

export class CollectionSource implements QuerySource<unknown> {
  readonly name: string
  readonly #core: VaultCore
  readonly #state: CollectionState

  constructor(core: VaultCore, state: CollectionState) {
    this.name = state.name
    this.#core = core
    this.#state = state
  }

  get isLarge(): boolean {
    return this.#state.rows.isLarge
  }

  snapshot(): readonly QueryRow<unknown>[] {
    return this.#state.rows.snapshot()
  }

  async hydrate(): Promise<void> {
    await this.#state.rows.ready()
  }

  scan(): AsyncIterable<QueryRow<unknown>> {
    return this.#state.rows.scan()
  }

  async find(equalities: readonly Equality[]): Promise<AsyncIterable<QueryRow<unknown>> | null> {
    const lookup = chooseIndex(await usableIndexes(this.#core, this.#state), equalities)
    if (lookup === null) return null
    if (lookup.tuples.length === 0) return none()
    const maker = this.#core.indexes.maker(this.name)
    return this.#state.rows.found(lookup.tuples.map((values) => maker.token(lookup.fields, values)))
  }

  subscribe(onChange: () => void): () => void {
    return this.#state.rows.subscribe(onChange)
  }

  refFor(field: string): RefDescriptor | null {
    return this.#core.refs.resolve(this.name, field)
  }

  rightSide(collection: string): QuerySource<unknown> | null {
    const state = this.#core.collections.get(collection)
    return state === undefined ? null : new CollectionSource(this.#core, state)
  }
}
