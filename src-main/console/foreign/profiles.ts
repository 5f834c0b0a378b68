/** Mappings as screens hold them, and profiles as the engine keeps them. */
import {
  listProfiles,
  type MappingProfile,
  ofxProfile,
  parseProfile,
  partyOfProfile,
  ublProfile,
} from '@klum-db/lobby'
import type { ForeignKind, Mapping } from '../../../src-shared/ipc/foreign.ts'
import { freeKey } from '../../../src-shared/model/client-key.ts'
import { AppError } from '../app-error.ts'
import type { Open } from '../session.ts'

/** For formats whose columns are always the same. */
const readyMade: readonly MappingProfile[] = [
  ublProfile('ubl-invoices', 'UBL invoices'),
  ofxProfile('ofx-statements', 'Bank statements'),
]

export interface KnownProfile {
  readonly profile: MappingProfile
  readonly isSaved: boolean
}

/** Saved ones first: whoever changed one that comes with the program goes on with theirs. */
export async function allProfiles(open: Open): Promise<KnownProfile[]> {
  const saved = (await listProfiles(open.db)).map(({ profile }) => ({ profile, isSaved: true }))
  const unchanged = readyMade.filter(({ id }) => !saved.some(({ profile }) => profile.id === id))
  return [...saved, ...unchanged.map((profile) => ({ profile, isSaved: false }))]
}

export async function profilesFor(open: Open, kind: ForeignKind): Promise<KnownProfile[]> {
  return (await allProfiles(open)).filter(({ profile }) => profile.kind === kind)
}

/** By id or name. @throws AppError NOT_FOUND, BAD_INPUT where several have the name */
export async function profileCalled(open: Open, wanted: string): Promise<MappingProfile> {
  const known = (await allProfiles(open)).map(({ profile }) => profile)
  const byId = known.find(({ id }) => id === wanted)
  if (byId !== undefined) return byId
  const [profile, ...others] = known.filter(({ name }) => name === wanted)
  if (profile === undefined)
    throw new AppError('NOT_FOUND', `There is no profile "${wanted}". Nothing was changed.`)
  if (others.length > 0)
    throw new AppError(
      'BAD_INPUT',
      `Several profiles are called "${wanted}". Nothing was changed. Use the id.`,
    )
  return profile
}

/** What the contract carries of a profile: all but its format. */
export function mappingOf({ format: _format, ...mapping }: MappingProfile): Mapping & { id: string } {
  return structuredClone(mapping)
}

/**
 * The same name is the same source, and its id follows from it: records of next month's file find those of this month's.
 * @throws LobbyError `PROFILE_INVALID`
 */
export async function profileOf(open: Open, mapping: Mapping): Promise<MappingProfile> {
  const format = mapping.lines === undefined ? 1 : 2
  return parseProfile({ format, ...mapping, id: mapping.id ?? (await idFor(open, mapping)) })
}

async function idFor(open: Open, { name, kind }: Mapping): Promise<string> {
  const wanted = name.trim().toLowerCase()
  const known = (await allProfiles(open)).map(({ profile }) => profile)
  const same = known.find((one) => one.kind === kind && one.name.toLowerCase() === wanted)
  if (same !== undefined) return same.id
  const free = freeKey(wanted, new Set(known.map(({ id }) => id)))
  return /^[a-z]/.test(free) ? free : `file-${free}`
}

/** Parties of profiles go by the names people gave them; all others keep theirs. */
export async function partyNames(open: Open): Promise<(party: string | null) => string | null> {
  const known = await allProfiles(open)
  const names = new Map(known.map(({ profile }) => [partyOfProfile(profile), profile.name]))
  return (party) => (party === null ? null : (names.get(party) ?? party))
}
