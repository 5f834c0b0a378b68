/** Misspelt names agree to nothing, and nobody notices: so a proposal is compared with the vault it is about. */
import type { VaultApi } from '@noy-db/hub'
import type { SurfaceTerms } from './agreement-types.ts'
import { invalid } from './definition.ts'
import { ownMember } from './own-member.ts'

/**
 * Collections have to be there or described; fields to stand in a schema, or in some record.
 * @throws LobbyError SURFACE_INVALID
 */
export async function assertKnownNames(
  vault: VaultApi,
  { collections, fields = {} }: Pick<SurfaceTerms, 'collections' | 'fields'>,
): Promise<void> {
  const schema = await vault.dumpSchema()
  const present = new Set([...(await vault.collections()), ...Object.keys(schema.collections)])
  const missing = collections.filter((name) => !present.has(name))
  if (missing.length > 0) throw invalid(`${vault.name} has no collection ${missing.join(', ')}.`)
  for (const [name, list] of Object.entries(fields)) {
    const described = new Set(['id', ...Object.keys(ownMember(schema.collections, name)?.fields ?? {})])
    const unknown = await inNoRecord(
      vault,
      name,
      list.filter((field) => !described.has(field)),
    )
    if (unknown.length > 0) throw invalid(`No record of ${name} has ${unknown.join(', ')}.`)
  }
}

async function inNoRecord(vault: VaultApi, collection: string, names: string[]): Promise<string[]> {
  if (names.length === 0) return []
  const records = await vault.collection<Record<string, unknown>>(collection).list()
  return names.filter((name) => !records.some((record) => Object.hasOwn(record, name)))
}
