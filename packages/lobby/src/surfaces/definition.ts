/** A proposal as it may be made: parsed and bounded. */
import { z } from 'zod'
import { limits } from '@noy-db/hub'
import { LobbyError } from '../errors.ts'
import { MERGE_STRATEGIES } from '../interchange/strategy.ts'
import type { SurfaceTerms } from './agreement-types.ts'
import { surfaceLimits } from './limits.ts'

/** As declared, `expiresAt` besides; names in any order. */
export interface SurfaceDefinition extends SurfaceTerms {
  readonly id?: string
}

const Text = z.string().min(1).max(limits.nameBytes).refine(isClean, 'is no name')
const Collection = Text.refine((name) => !name.startsWith('_'), 'is reserved')
const Strategy = z.enum(MERGE_STRATEGIES)
const Rule = z.discriminatedUnion('authority', [
  z.strictObject({ authority: z.literal('source-newest') }),
  z.strictObject({ authority: z.literal('owner'), ownerSource: Text }),
  z.strictObject({ authority: z.literal('fixed-source'), source: Text }),
])
const Policy = z.strictObject({
  strategy: z.union([Strategy, capped(z.record(Text, Strategy), surfaceLimits.surfaceCollections)]),
  fieldAuthority: capped(
    z.record(Collection, capped(z.record(Text, Rule), surfaceLimits.surfaceFields)),
    surfaceLimits.surfaceCollections,
  ).optional(),
})

function capped<T extends Record<string, unknown>>(shape: z.ZodType<T>, most: number): z.ZodType<T> {
  return shape.refine((value) => Object.keys(value).length <= most, `has more than ${most} members`)
}

const FieldNames = z.array(Text).min(1).max(surfaceLimits.surfaceFields)
/** The last time a Date can hold. */
const Time = z.int().min(0).max(8_640_000_000_000_000)
const members = {
  collections: z.array(Collection).min(1).max(surfaceLimits.surfaceCollections),
  fields: capped(z.record(Collection, FieldNames), surfaceLimits.surfaceCollections).optional(),
  direction: z.enum(['push', 'pull', 'bidi']),
  conflictPolicy: Policy,
  cadenceMs: z.int().min(surfaceLimits.surfaceCadenceMinMs).max(surfaceLimits.surfaceCadenceMaxMs).optional(),
  expiresAt: Time.optional(),
}

/** Terms as they travel: normalised, so that there is one text for them. */
export const TermsShape = z
  .strictObject(members)
  .refine(fieldsNameCollections, 'fields of another collection')
const DefinitionShape = z
  .strictObject({ id: Text.optional(), ...members })
  .refine(fieldsNameCollections, 'fields of another collection')

function isClean(name: string): boolean {
  return name !== '__proto__' && name.isWellFormed() && Buffer.byteLength(name) <= limits.nameBytes
}

function fieldsNameCollections({
  collections,
  fields = {},
}: {
  readonly collections: readonly string[]
  readonly fields?: Record<string, readonly string[]> | undefined
}): boolean {
  return Object.keys(fields).every((name) => collections.includes(name))
}

/** @throws LobbyError SURFACE_INVALID */
export function parseDefinition(given: SurfaceDefinition): { id?: string; terms: SurfaceTerms } {
  const parsed = DefinitionShape.safeParse(given)
  if (!parsed.success) throw invalid(issueText(parsed.error))
  const { id, ...terms } = parsed.data
  return { ...(id !== undefined && { id }), terms: normalTerms(terms as SurfaceTerms) }
}

/** @throws LobbyError SURFACE_INVALID unless the agreement lasts from `now` and no longer than allowed */
export function assertExpiry({ expiresAt }: SurfaceTerms, now: number): void {
  if (expiresAt === undefined) return
  if (expiresAt <= now) throw invalid('The agreement would be over before it begins.')
  if (expiresAt > now + surfaceLimits.surfaceTermMaxMs) throw invalid('The agreement would last too long.')
}

/** One text for the same terms: names sorted, each once, nothing undefined. */
export function normalTerms(terms: SurfaceTerms): SurfaceTerms {
  const { collections, fields, direction, conflictPolicy, cadenceMs, expiresAt } = terms
  return {
    collections: sortedNames(collections),
    ...(fields !== undefined && {
      fields: Object.fromEntries(Object.entries(fields).map(([name, list]) => [name, sortedNames(list)])),
    }),
    direction,
    conflictPolicy,
    ...(cadenceMs !== undefined && { cadenceMs }),
    ...(expiresAt !== undefined && { expiresAt }),
  }
}

function sortedNames(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}

export function invalid(message: string): LobbyError {
  return new LobbyError('SURFACE_INVALID', message)
}

function issueText({ issues: [first] }: z.ZodError): string {
  return `The proposal cannot be made: ${first?.path.join('.') ?? ''} ${first?.message ?? ''}`.trim()
}
