/** Our types are assignable to the published declarations and back. Read in place; loud where they are absent. */
import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import type { Vault } from '@noy-db/hub/kernel'
import type * as lobby from '../src/index.ts'
import { compareAll } from './seed/compare.ts'
import { contract, contractTable } from './seed/contract-declarations.ts'
import { federation } from './seed/federation-table.ts'
import { exceptions, interchange } from './seed/interchange-table.ts'
import { readSeed, seedFolder } from './seed/read-seed.ts'

// The compiler reads the whole engine twice, on a machine that may do other things.
vi.setConfig({ testTimeout: 240_000 })

const seed = readSeed()

if (seed === null) console.warn(`No published declarations at ${seedFolder}; set LOBBY_TEST_DATA.`)

it.runIf(process.env['CI'] === 'true')('the published declarations are there', () => {
  expect(seed, `nothing at ${seedFolder}`).not.toBeNull()
})

const table = { ...federation, ...interchange }

describe.skipIf(seed === null)('published declarations', () => {
  it('fit ours and ours fit them', () => {
    const problems = compareAll(seed!, table)
    for (const name of exceptions) {
      expect(problems.get(name), `${name} is an exception that is none any more`).toBeDefined()
      problems.delete(name)
    }
    expect(Object.fromEntries(problems)).toEqual({})
  })

  it('are all compared', () => {
    expect(Object.keys(table).sort()).toEqual([...seed!.declarations.keys()].sort())
  })

  it('would not fit something else', () => {
    const wrong = { from: 'federation/types.ts', name: 'SkippedVault' }
    const problems = compareAll(seed!, {
      ...table,
      VaultRegistryRow: wrong,
      ShardedQuery: { ...wrong, args: '' },
    })
    expect([...problems.keys()]).toEqual(expect.arrayContaining(['VaultRegistryRow', 'ShardedQuery']))
  })
})

describe('signatures of the contract alone', () => {
  it('fit ours and ours fit them', () => {
    expect(Object.fromEntries(compareAll(contract, contractTable))).toEqual({})
    expect(Object.keys(contractTable).sort()).toEqual([...contract.declarations.keys()].sort())
  })
})

/** Not in the published listing; the shapes are those of section 1.6 of the contract. Checked by the compiler. */
it('of surfaces are those of the contract', () => {
  type Row = lobby.SurfaceRow
  type State = lobby.StateManagementVault
  type Bundle = { bundleBytes: Uint8Array; transferKey: Uint8Array }
  type Of<F, Published> = F extends Published ? true : false
  type Functions = {
    propose: Of<
      typeof lobby.proposeSurface,
      (smv: State, def: lobby.SurfaceDefinition, proposedBy: string, now: number) => Promise<Row>
    >
    agree: Of<
      typeof lobby.agreeSurface,
      (smv: State, surfaceId: string, agreedBy: string, now: number) => Promise<Row>
    >
    export: Of<typeof lobby.exportSurface, (source: Vault, surface: Row) => Promise<Bundle>>
    apply: Of<
      typeof lobby.applySurface,
      (receiver: Vault, surface: Row, bytes: Uint8Array, key: Uint8Array) => Promise<lobby.MergeReport>
    >
    isDue: Of<typeof lobby.isSurfaceDue, (surface: Row, now: number) => boolean>
    listDue: Of<typeof lobby.listDueSurfaces, (surfaces: readonly Row[], now: number) => Row[]>
    markSynced: Of<typeof lobby.markSynced, (smv: State, id: string, now: number) => Promise<Row>>
    exportByName: Of<lobby.Lobby['exportSurface'], (vaultName: string, surface: Row) => Promise<Bundle>>
    applyByName: Of<
      lobby.Lobby['applySurface'],
      (name: string, surface: Row, bytes: Uint8Array, key: Uint8Array) => Promise<lobby.MergeReport>
    >
    notFound: Of<typeof lobby.SurfaceNotFoundError, new (surfaceId: string) => Error>
    state: Of<typeof lobby.SurfaceStateError, new (id: string, current: string, required: string) => Error>
    scheduler: Of<
      typeof lobby.SurfaceCadenceScheduler,
      new (nowFn?: () => number) => {
        readonly now: number
        start(surfaceId: string, intervalMs: number, fn: () => void): void
        stop(surfaceId: string): void
        stopAll(): void
      }
    >
    definition: Of<
      {
        id?: string
        collections: readonly string[]
        fields?: Record<string, readonly string[]>
        direction: lobby.SurfaceDirection
        conflictPolicy: lobby.SurfaceConflictPolicy
        cadenceMs?: number
      },
      lobby.SurfaceDefinition
    >
  }
  expectTypeOf<Functions[keyof Functions]>().toEqualTypeOf<true>()
})
