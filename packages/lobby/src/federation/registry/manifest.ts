/** What a template declared when it was first seen, to notice that it changed without a new version. */
import { ConflictError } from '@noy-db/hub'
import type { Collection } from '@noy-db/hub/kernel'
import { isMissingAccess } from '../missing-access.ts'
import type { VaultTemplate } from '../types.ts'
import { blueprintOf, declarationsOf, fingerprintOf, shapeOf } from './blueprint.ts'
import type { SchemaManifestRow } from './types.ts'

/** `drifted`: the stored manifest says something else, and was left alone. `unseen`: this user may not read or record it. */
export type ManifestState = 'recorded' | 'unchanged' | 'drifted' | 'unseen'

export function manifestId(templateName: string, version: number): string {
  return `${templateName}:${version}`
}

export function manifestOf(templateName: string, template: VaultTemplate): SchemaManifestRow {
  const declarations = declarationsOf(template)
  const blueprint = blueprintOf(declarations)
  return {
    templateName,
    version: template.version,
    ...blueprint,
    fingerprint: fingerprintOf(blueprint),
    recordedAt: Date.now(),
    shape: shapeOf(declarations),
  }
}

/** A row written by an earlier release has no shape to compare. */
export function hasDrifted(stored: SchemaManifestRow, now: SchemaManifestRow): boolean {
  return stored.fingerprint !== now.fingerprint || (stored.shape !== undefined && stored.shape !== now.shape)
}

export async function ensureManifest(
  manifests: Collection<SchemaManifestRow>,
  templateName: string,
  template: VaultTemplate,
): Promise<ManifestState> {
  try {
    return await compareOrRecord(manifests, manifestOf(templateName, template))
  } catch (error) {
    if (error instanceof ConflictError) return ensureManifest(manifests, templateName, template) // another opening was first
    if (isMissingAccess(error)) return 'unseen'
    throw error
  }
}

async function compareOrRecord(
  manifests: Collection<SchemaManifestRow>,
  now: SchemaManifestRow,
): Promise<ManifestState> {
  const id = manifestId(now.templateName, now.version)
  const stored = await manifests.get(id)
  if (stored !== null) return hasDrifted(stored, now) ? 'drifted' : 'unchanged'
  await manifests.put(id, now, { expectedVersion: 0 })
  return 'recorded'
}
