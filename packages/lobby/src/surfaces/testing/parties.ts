/** Two offices for tests, each with a workspace of its own and a clock that is set by hand. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Noydb, NoydbStore } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { sqliteStore } from '@noy-db/to-sqlite'
import { StateManagementVault } from '../../federation/registry/state-management-vault.ts'
import { openOffice } from '../../fixture-office.ts'
import { ownIdentity } from '../../identity/own-identity.ts'
import type { Identity } from '../../identity/types.ts'
import { openConflictQueue } from '../../queue/conflict-queue.ts'
import type { ConflictSummary, Resolution } from '../../queue/types.ts'
import type { SurfaceDefinition } from '../definition.ts'
import { openSurfaces, type Surfaces } from '../surfaces.ts'

export const DAY = 24 * 60 * 60 * 1000
export const START = Date.UTC(2026, 0, 5)

export interface Clock {
  now: number
}

export interface Party {
  readonly db: Noydb
  readonly state: StateManagementVault
  readonly surfaces: Surfaces
  readonly identity: Identity
  readonly clock: Clock
  readonly gate: { readonly state: StateManagementVault; readonly clock: () => number }
}

export async function openParty(
  name: string,
  store: NoydbStore = memory(),
  clock: Clock = { now: START },
): Promise<Party> {
  const db = await openOffice(name, store)
  const state = await StateManagementVault.open(db)
  const read = (): number => clock.now
  return {
    db,
    state,
    surfaces: openSurfaces(state, { clock: read }),
    identity: await ownIdentity(db, { party: name }),
    clock,
    gate: { state, clock: read },
  }
}

export const definition: SurfaceDefinition = {
  id: 'contacts',
  collections: ['partners'],
  fields: { partners: ['name', 'email'] },
  direction: 'bidi',
  conflictPolicy: { strategy: 'three-way' },
  cadenceMs: 7 * DAY,
}

/** `first` proposes, `second` countersigns; both have both files. */
export async function agreeBetween(
  first: Party,
  second: Party,
  changed: Partial<SurfaceDefinition> = {},
): Promise<string> {
  const asked = await first.surfaces.propose({ ...definition, ...changed }, second.identity)
  await second.surfaces.receive(asked.file, { trust: first.identity.fingerprint })
  const answer = await second.surfaces.decide(asked.row.id, { kind: 'agree' })
  await first.surfaces.receive(answer.file)
  return asked.row.id
}

/** Decides the one conflict that is open. */
export async function decideOpen(db: Noydb, resolution: Resolution): Promise<ConflictSummary> {
  const queue = await openConflictQueue(db)
  const { rows } = await queue.list({ status: 'open' })
  const [open] = rows
  if (open === undefined || rows.length !== 1) throw new Error(`${rows.length} conflicts are open`)
  const view = await queue.get(open)
  const seen = { expectRowVersion: view.rowVersion, expectRecordVersion: view.currentVersion }
  await queue.decide(open, resolution, seen)
  queue.close()
  return open
}

export interface Places {
  readonly sqlite: () => Promise<NoydbStore>
  readonly clear: () => Promise<void>
}

/** SQLite workspaces in a folder that is removed again. */
export function places(): Places {
  const cleanups: Array<() => unknown> = []
  return {
    async sqlite() {
      const folder = mkdtempSync(join(tmpdir(), 'surfaces-'))
      const store = await sqliteStore({ file: join(folder, 'workspace.db'), durability: 'normal' })
      cleanups.push(
        () => store.close(),
        () => rmSync(folder, { recursive: true, force: true }),
      )
      return store
    },
    async clear() {
      for (const cleanup of cleanups.splice(0)) await cleanup()
    },
  }
}
