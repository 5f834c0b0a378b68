/** Our types are assignable to the published declarations and back. Read in place; loud where they are absent. */
import { describe, expect, it, vi } from 'vitest'
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
