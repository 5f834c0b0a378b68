/** The manifest entry of a compartment. The order of its members is part of the format. */
import type { PublicEnvelope } from '@noy-db/hub'
import { readNoydbBundleHeader } from '@noy-db/hub/bundle'
import { sha256 } from '../canonical-json.ts'
import type { CompartmentManifest } from './types.ts'

/** What is said of a vault outside; whatever is undefined is not said. */
export interface Disclosed {
  readonly exportedAt: string
  readonly schemaVersion: number
  readonly roleTag: string | undefined
  readonly name: string | undefined
  readonly collections: CompartmentManifest['collections']
  readonly publicEnvelope?: PublicEnvelope | undefined
  /** Ours, so behind the declared members. */
  readonly projection?: CompartmentManifest['projection']
  readonly template?: CompartmentManifest['template']
}

export function compartmentEntry(bytes: Uint8Array, disclosed: Disclosed): CompartmentManifest {
  const { exportedAt, schemaVersion, roleTag, name, collections, publicEnvelope, projection, template } =
    disclosed
  return {
    handle: readNoydbBundleHeader(bytes).handle,
    exportedAt,
    innerBytes: bytes.length,
    innerSha256: sha256(bytes),
    ...(roleTag !== undefined && { roleTag }),
    ...(name !== undefined && { name }),
    ...(collections !== undefined && { collections }),
    ...(publicEnvelope !== undefined && { publicEnvelope }),
    schemaVersion,
    ...(projection !== undefined && { projection }),
    ...(template !== undefined && { template }),
  }
}

/** `true` discloses the vault's own name, a text that text, `false` nothing. */
export function disclosedName(name: boolean | string | undefined, vault: string): string | undefined {
  if (name === true) return vault
  return name === false ? undefined : name
}
