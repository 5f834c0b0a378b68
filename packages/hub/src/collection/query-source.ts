/** What a query reads of a collection. */
import type { QueryRow, QuerySource } from '../query/source.ts'
import type { RefDescriptor } from '../types/schema.ts'
import type { CollectionState, VaultCore } from '../vault/vault-core.ts'

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

  hydrate(): Promise<void> {
    return this.#state.rows.ready()
  }

  scan(): AsyncIterable<QueryRow<unknown>> {
    return this.#state.rows.scan()
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
