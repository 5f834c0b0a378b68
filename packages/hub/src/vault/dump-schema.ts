/** What is known about the collections of a vault: declared fields, indexes, references, sizes. */
import { isJsonObject } from '../pod/untrusted-json.ts'
import { statedJsonSchema } from '../schema/json-schema.ts'
import { Slices } from '../transaction/slices.ts'
import { readPages } from '../transaction/store-write.ts'
import type { CollectionDescriptor, CollectionStats, VaultSchemaSnapshot } from '../types/vault.ts'
import { storedCollections } from './stored-names.ts'
import type { VaultCore } from './vault-core.ts'

export async function describeVault(
  core: VaultCore,
  { withStats = false }: { withStats?: boolean } = {},
): Promise<VaultSchemaSnapshot> {
  const opened = [...core.collections.keys()].filter((name) => !name.startsWith('_'))
  const names = new Set([...opened, ...(await storedCollections(core.store, core.name))])
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

/** Best effort: by the members a validator shows (Zod does), else by the JSON Schema it states. */
function fieldsOf(schema: unknown): Record<string, unknown> {
  try {
    return membersShown(schema) ?? membersStated(schema) ?? {}
  } catch (error) {
    console.warn('A schema could not be described:', error) // somebody else's getters
    return {}
  }
}

function membersShown(schema: unknown): Record<string, unknown> | undefined {
  if (typeof schema !== 'object' || schema === null || !('shape' in schema)) return undefined
  const { shape } = schema
  if (typeof shape !== 'object' || shape === null) return undefined
  return Object.fromEntries(Object.entries(shape).map(([field, member]) => [field, describeMember(member)]))
}

function membersStated(schema: unknown): Record<string, unknown> | undefined {
  const stated = statedJsonSchema(schema)
  if (!isJsonObject(stated) || !isJsonObject(stated.properties)) return undefined
  const required = new Set<unknown>(Array.isArray(stated.required) ? stated.required : [])
  const described = Object.entries(stated.properties).map(([field, member]) => {
    const type: unknown = isJsonObject(member) ? member.type : undefined
    return [field, { ...(type !== undefined && { type }), ...(!required.has(field) && { optional: true }) }]
  })
  return Object.fromEntries(described) as Record<string, unknown> // entries with text keys, as written above
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
