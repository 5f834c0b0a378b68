/** What is known about the collections of a vault: declared fields, indexes, references, sizes. */
import { Slices } from '../transaction/slices.ts'
import { readPages } from '../transaction/store-write.ts'
import type { CollectionDescriptor, CollectionStats, VaultSchemaSnapshot } from '../types/vault.ts'
import { storedCollections } from './stored-names.ts'
import type { VaultCore } from './vault-core.ts'

export async function describeVault(
  core: VaultCore,
  { withStats = false }: { withStats?: boolean } = {},
): Promise<VaultSchemaSnapshot> {
  const names = new Set([...core.collections.keys(), ...(await storedCollections(core.store, core.name))])
  const collections: Record<string, CollectionDescriptor> = {}
  for (const name of [...names].sort()) {
    const described = describe(core, name)
    collections[name] = withStats ? { ...described, stats: await measure(core, name) } : described
  }
  return { vault: core.name, collections }
}

function describe(core: VaultCore, name: string): CollectionDescriptor {
  const options = core.collections.get(name)?.options
  const refs: CollectionDescriptor['refs'] = {}
  for (const [field, { target, mode }] of Object.entries(core.refs.getOutbound(name)))
    refs[field] = { target, mode }
  return {
    fields: fieldsOf(options?.schema),
    indexes: options?.indexes ?? [],
    refs,
  }
}

/** Best effort: validators that show their members (Zod does) are described by them. */
function fieldsOf(schema: unknown): Record<string, unknown> {
  if (typeof schema !== 'object' || schema === null || !('shape' in schema)) return {}
  const { shape } = schema
  if (typeof shape !== 'object' || shape === null) return {}
  return Object.fromEntries(Object.entries(shape).map(([field, member]) => [field, describeMember(member)]))
}

function describeMember(member: unknown): Record<string, unknown> {
  if (typeof member !== 'object' || member === null || !('def' in member)) return {}
  const { def } = member
  if (typeof def !== 'object' || def === null || !('type' in def)) return {}
  if ((def.type === 'optional' || def.type === 'nullable' || def.type === 'default') && 'innerType' in def)
    return { ...describeMember(def.innerType), [def.type]: true }
  return { type: def.type }
}

async function measure(core: VaultCore, collection: string): Promise<CollectionStats> {
  const stats: CollectionStats = {
    records: 0,
    bytes: 0,
    bytesAvg: 0,
    bytesMin: 0,
    bytesMax: 0,
    oldest: null,
    newest: null,
  }
  const slices = new Slices()
  for await (const page of readPages(core.store, core.name, collection)) {
    for (const { envelope } of page) {
      addRow(stats, Buffer.byteLength(JSON.stringify(envelope)), envelope._ts)
      if (slices.due()) await slices.pause()
    }
  }
  stats.bytesAvg = stats.records === 0 ? 0 : stats.bytes / stats.records
  return stats
}

function addRow(stats: CollectionStats, bytes: number, ts: string): void {
  stats.bytesMin = stats.records === 0 ? bytes : Math.min(stats.bytesMin, bytes)
  stats.bytesMax = Math.max(stats.bytesMax, bytes)
  stats.records += 1
  stats.bytes += bytes
  if (stats.oldest === null || ts < stats.oldest) stats.oldest = ts
  if (stats.newest === null || ts > stats.newest) stats.newest = ts
}
