/** What a template declares, found by running `configure` against a stub that records. */
import type { CollectionOptions } from '@noy-db/hub'
import { canonicalJson, sha256 } from '../../canonical-json.ts'
import type { VaultTemplate } from '../types.ts'
import { describeSchema } from './describe-schema.ts'
import type { CapturedBlueprint } from './types.ts'

export interface Declaration {
  readonly name: string
  readonly options: CollectionOptions<unknown>
}

/** Every `collection()` call of `configure`, in order. */
export function declarationsOf(template: VaultTemplate): Declaration[] {
  const declarations: Declaration[] = []
  const collection = (name: string, options: CollectionOptions<unknown> = {}): unknown => {
    declarations.push({ name, options })
    return inert
  }
  const stub = new Proxy({}, { get: (_target, property) => (property === 'collection' ? collection : inert) })
  const configure: (vault: never) => void = template.configure
  configure(stub as never) // a stand-in whose every other member does nothing
  return declarations
}

/** A function that returns itself, whatever is read of it; it is no promise. */
const inert: unknown = new Proxy(() => undefined, {
  get: (_target, property) => (property === 'then' ? undefined : inert),
  apply: () => inert,
})

/** Names in locale order, as the published fingerprint has them; the locale is fixed so that machines agree. */
export function blueprintOf(declarations: readonly Declaration[]): CapturedBlueprint {
  const byName = declarations.toSorted((left, right) => left.name.localeCompare(right.name, 'en'))
  const persisted = byName.filter(({ options }) => options.persistJsonSchema === true)
  return {
    collections: byName.map(({ name }) => name),
    indexes: Object.fromEntries(declarations.map(({ name, options }) => [name, options.indexes ?? []])),
    persistJsonSchema: [...new Set(persisted.map(({ name }) => name))],
  }
}

/** Lowercase hex SHA-256 of the canonical JSON of the blueprint. */
export function fingerprintOf(blueprint: CapturedBlueprint): string {
  return sha256(canonicalJson(blueprint))
}

/** Of everything the fingerprint leaves out. */
export function shapeOf(declarations: readonly Declaration[]): string {
  const shapes = declarations.map(({ name, options }) => ({
    name,
    schema: describeSchema(options.schema),
    refs: options.refs ?? {},
    provenance: options.provenance === true,
    large: options.large === true,
    updates: (options.schemaUpdate ?? []).map((strategy) => strategy.name),
  }))
  const sorted = shapes.toSorted((left, right) =>
    left.name < right.name ? -1 : left.name > right.name ? 1 : 0,
  )
  return sha256(canonicalJson(sorted))
}
