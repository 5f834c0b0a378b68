/** What a migration made of a vault: counted before, compared after, collection by collection. Holds versions, not bodies. */
import type { VaultApi } from '@noy-db/hub'
import { diffFields } from '@noy-db/hub/kernel'
import type { Pace } from '../pace.ts'
import { Totals, type Total, type TotalField } from './totals.ts'

const PAGE = 200

export interface RecordDifference {
  readonly id: string
  readonly kind: 'added' | 'removed' | 'changed'
  /** Of a changed record. */
  readonly changes: ReturnType<typeof diffFields>
}

export interface CollectionDifference {
  readonly before: number
  readonly after: number
  readonly added: number
  readonly removed: number
  readonly changed: number
  /** Changed records in which the field differs, by path. */
  readonly fields: Readonly<Record<string, number>>
  readonly totals: { readonly before: readonly Total[]; readonly after: readonly Total[] }
  /** The first by id. */
  readonly examples: readonly RecordDifference[]
}

export interface ComparedOptions {
  readonly totals: Readonly<Record<string, readonly TotalField[]>>
  readonly examples: number
  readonly slices: Pace
}

interface Counted {
  readonly versions: Map<string, number>
  readonly totals: Totals
}

interface Body {
  readonly id: string
  readonly version: number
  readonly body: unknown
}

export class Differences {
  readonly #vault: VaultApi
  readonly #options: ComparedOptions
  readonly #before = new Map<string, Counted>()

  constructor(vault: VaultApi, options: ComparedOptions) {
    this.#vault = vault
    this.#options = options
  }

  /** Before the migration. */
  async count(): Promise<void> {
    for (const collection of await this.#vault.collections()) {
      const counted = this.#empty(collection)
      for await (const { id, version, body } of bodiesOf(this.#vault, collection, this.#options.slices)) {
        counted.versions.set(id, version)
        counted.totals.add(body)
      }
      this.#before.set(collection, counted)
    }
  }

  /** After it; the vault keeps the versions that were replaced. */
  async compare(): Promise<Record<string, CollectionDifference>> {
    const names = new Set([...this.#before.keys(), ...(await this.#vault.collections())])
    const found: [string, CollectionDifference][] = []
    for (const name of [...names].sort()) found.push([name, await this.#collection(name)])
    return Object.fromEntries(found)
  }

  async #collection(name: string): Promise<CollectionDifference> {
    const before = this.#before.get(name) ?? this.#empty(name)
    const left = new Set(before.versions.keys())
    const after = this.#empty(name)
    const fields = new Map<string, number>()
    const examples = new Examples(this.#options.examples)
    const counts = { added: 0, removed: 0, changed: 0 }
    for await (const row of bodiesOf(this.#vault, name, this.#options.slices)) {
      after.versions.set(row.id, row.version)
      after.totals.add(row.body)
      left.delete(row.id)
      const difference = await this.#record(name, row, before.versions.get(row.id))
      if (difference === null) continue
      counts[difference.kind] += 1
      for (const { path } of difference.changes) fields.set(path, (fields.get(path) ?? 0) + 1)
      examples.add(difference)
    }
    for (const id of left) examples.add({ id, kind: 'removed', changes: [] })
    return {
      ...counts,
      before: before.versions.size,
      after: after.versions.size,
      removed: left.size,
      fields: Object.fromEntries(fields),
      totals: { before: before.totals.list(), after: after.totals.list() },
      examples: examples.list(),
    }
  }

  async #record(
    collection: string,
    { id, version, body }: Body,
    before: number | undefined,
  ): Promise<RecordDifference | null> {
    if (before === undefined) return { id, kind: 'added', changes: [] }
    if (before === version) return null
    const old = await this.#vault.collection(collection).version(id, before)
    const changes = diffFields(old?.record ?? null, body)
    return changes.length === 0 ? null : { id, kind: 'changed', changes }
  }

  #empty(collection: string): Counted {
    return { versions: new Map(), totals: new Totals(this.#options.totals[collection] ?? []) }
  }
}

/** The first few by id, whatever order they come in. */
class Examples {
  readonly #most: number
  #kept: RecordDifference[] = []

  constructor(most: number) {
    this.#most = most
  }

  add(difference: RecordDifference): void {
    this.#kept.push(difference)
    if (this.#kept.length > this.#most * 4 + 16) this.#kept = this.list()
  }

  list(): RecordDifference[] {
    return this.#kept.toSorted((left, right) => (left.id < right.id ? -1 : 1)).slice(0, this.#most)
  }
}

/** As they are stored: the schema that is declared now may refuse what it is about to replace. */
async function* bodiesOf(vault: VaultApi, collection: string, slices: Pace): AsyncGenerator<Body> {
  const inside = vault._introspectState()
  const ids = (await inside.adapter.list(vault.name, collection)).sort()
  if (ids.length > 0) await inside.getDEK(collection)
  for (let at = 0; at < ids.length; at += PAGE) {
    const some = ids.slice(at, at + PAGE)
    const envelopes = await Promise.all(some.map((id) => inside.adapter.get(vault.name, collection, id)))
    for (const [index, id] of some.entries()) {
      await slices.step()
      const envelope = envelopes[index] ?? null
      if (envelope === null) continue
      yield { id, version: envelope._v, body: inside.openEnvelope(collection, id, envelope) }
    }
  }
}
