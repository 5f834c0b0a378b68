/** Comparing terms: what is inside them, what two of them have in common, what one lacks of the other. */
import { jsonEquals } from '@noy-db/hub/kernel'
import { hashJson } from '../canonical-json.ts'
import type { SurfaceTerms } from './agreement-types.ts'
import { ownMember } from './own-member.ts'

export type SurfaceSlice = Pick<SurfaceTerms, 'collections' | 'fields'>

export function hashTerms(terms: SurfaceTerms): string {
  return hashJson(terms)
}

/** Undefined where the collection goes whole. */
export function fieldsIn({ fields }: SurfaceSlice, collection: string): readonly string[] | undefined {
  return fields === undefined ? undefined : ownMember(fields, collection)
}

/**
 * What both allow; everything that is no part of the slice is the first one's, and the earlier end counts. A collection of which
 * no field is left is out: its bare ids were not what remains.
 */
export function intersectTerms(inForce: SurfaceTerms, narrower: SurfaceTerms): SurfaceTerms {
  const { fields: _fields, expiresAt: _expiresAt, ...rest } = inForce
  const shared = inForce.collections.flatMap((name) => {
    if (!narrower.collections.includes(name)) return []
    const [own, other] = [fieldsIn(inForce, name), fieldsIn(narrower, name)]
    const kept = own === undefined ? other : own.filter((field) => other?.includes(field) ?? true)
    return kept?.length === 0 ? [] : [{ name, kept }]
  })
  const collections = shared.map(({ name }) => name)
  const fields = shared.flatMap(({ name, kept }) => (kept === undefined ? [] : [[name, kept] as const]))
  const ends = [inForce.expiresAt, narrower.expiresAt].filter((time) => time !== undefined)
  return {
    ...rest,
    collections,
    ...(fields.length > 0 && { fields: Object.fromEntries(fields) }),
    ...(ends.length > 0 && { expiresAt: Math.min(...ends) }),
  }
}

/** Whether `next` asks for nothing that `inForce` does not give, and for less. */
export function isNarrower(next: SurfaceTerms, inForce: SurfaceTerms): boolean {
  return jsonEquals(intersectTerms(inForce, next), next) && !jsonEquals(next, inForce)
}

export interface SliceDifference {
  readonly collection: string
  /** Undefined = the whole collection, or every field that is not named in the other. */
  readonly fields?: readonly string[]
}

/** What `more` has and `less` has not. */
export function missingIn(less: SurfaceSlice, more: SurfaceSlice): SliceDifference[] {
  return more.collections.flatMap((collection): SliceDifference[] => {
    if (!less.collections.includes(collection)) return [{ collection }]
    const [few, many] = [fieldsIn(less, collection), fieldsIn(more, collection)]
    if (few === undefined) return []
    if (many === undefined) return [{ collection }]
    const fields = many.filter((field) => !few.includes(field))
    return fields.length === 0 ? [] : [{ collection, fields }]
  })
}
