/** The guard of closed periods over a workspace: every template's collections with periods, whichever client has them. */
import { PeriodLock } from '@klum-db/lobby'
import type { CompiledCollection } from '@klum-db/lobby/templates'
import type { GuardStrategyHandle, NoydbApi, Role } from '@noy-db/hub'
import type { Templates } from '../templates/templates.ts'

export interface PeriodGuard {
  readonly guards: GuardStrategyHandle[]
  attach(db: NoydbApi, templates: Templates, templateNames: ReadonlyMap<string, string>): void
}

type CollectionOf = (vault: string, name: string) => CompiledCollection | undefined

/** Made before the instance it watches, whose state vault says which client has which template. */
export function createPeriodGuard(): PeriodGuard {
  let collectionOf: CollectionOf = () => undefined
  const lock = new PeriodLock({
    collections: (vault, name) => collectionOf(vault, name)?.period !== undefined,
    periodOf: (vault, name, record) => collectionOf(vault, name)?.periodOf(record) ?? null,
    mayOverride: (role, vault, _period, name) => isOwner(role) && !neverOpen(collectionOf(vault, name)),
  })
  return {
    guards: [...lock.guards],
    attach(db, templates, templateNames) {
      lock.attach(db)
      collectionOf = (vault, name) => {
        const template = templateNames.get(vault)
        return template === undefined ? undefined : templates.get(template).collections.get(name)
      }
    },
  }
}

function isOwner(role: Role): boolean {
  return role === 'owner' || role === 'admin'
}

/** The template says that a closed period is never written to. */
function neverOpen(collection: CompiledCollection | undefined): boolean {
  const rules = collection?.rules ?? []
  return rules.some(({ rule, enforce }) => rule === 'period-open' && enforce === 'refuse')
}
