/** What can be done with the columns of a file: collections of a client's template, and profiles that fit. */
import { fitsColumns, partyOfProfile } from '@klum-db/lobby'
import type { CompiledTemplate } from '@klum-db/lobby/templates'
import type { InputOf } from '../../../src-shared/ipc/contract.ts'
import type { ForeignKind, Offers, TargetCollection } from '../../../src-shared/ipc/foreign.ts'
import { clientTemplate } from '../clients/names.ts'
import type { Open } from '../session.ts'
import { type KnownProfile, mappingOf, profilesFor } from './profiles.ts'
import { suggestMappings } from './suggest.ts'

/** A client that is to be made gets the default template. */
export async function offersFor(
  open: Open,
  { kind, columns, vaultId }: InputOf<'foreign.offers'>,
): Promise<Offers> {
  const template = open.templates.get(open.templateNames.get(vaultId ?? '') ?? clientTemplate)
  const collections = [...template.collections.values()].map((collection): TargetCollection => {
    const { name, label } = collection
    const suggestions = suggestMappings(collection, columns, kind)
    return { name, label: label.many, recordLabel: label.one, ...suggestions }
  })
  const known = await profilesFor(open, kind)
  const names = columns.map(({ name }) => name)
  return {
    collections,
    best: bestOf(collections, template.collections),
    profiles: await Promise.all(known.map((one) => offer(open, one, kind, names))),
  }
}

async function offer(
  open: Open,
  { profile, isSaved }: KnownProfile,
  kind: ForeignKind,
  names: readonly string[],
): Promise<Offers['profiles'][number]> {
  const route = await open.state.routes.get(partyOfProfile(profile))
  const fits = kind === 'ubl' || kind === 'ofx' || fitsColumns(profile, names)
  return { mapping: mappingOf(profile), fits, isSaved, lastVaultId: route?.vaultId ?? null }
}

/**
 * A collection whose required fields are there goes before one that only has more. Few tables say their currency: it is
 * said by a person.
 */
function bestOf(
  collections: readonly TargetCollection[],
  template: CompiledTemplate['collections'],
): string | null {
  const scored = collections.map(({ name, fields, suggested }) => {
    const paths = new Set(suggested?.fields.map(({ path }) => path))
    const isThere = (path: string): boolean =>
      paths.has(path) ||
      path === template.get(name)?.currency ||
      // Fields of lines are needed where there are lines.
      (path.includes('*') && suggested?.lines === undefined)
    const isWhole = fields.every(({ path, required }) => !required || isThere(path))
    return { name, score: paths.size === 0 ? 0 : paths.size + (isWhole ? 1000 : 0) }
  })
  const best = scored.reduce((left, right) => (right.score > left.score ? right : left), {
    name: '',
    score: 0,
  })
  return best.score === 0 ? null : best.name
}
