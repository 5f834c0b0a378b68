/**
 * The store port as tests. Levels: `base` = the six mandatory methods; `cas` = a compare-and-set put
 * is atomic against other puts of this store; `tx` = several rows, over vaults, all or nothing.
 * Optional methods are tested where the store has them.
 */
import { describe, it } from 'vitest'
import { baseTests } from './base-clauses.ts'
import { casTests } from './cas-clauses.ts'
import { withStore, type MakeStore, type StoreTest } from './open-store.ts'
import { optionalTests } from './optional-clauses.ts'
import { snapshotTests } from './snapshot-clauses.ts'
import { streamTests } from './stream-clauses.ts'
import { tokenTests } from './token-clauses.ts'
import { txTests } from './tx-clauses.ts'

export type { MakeStore } from './open-store.ts'
export type ConformanceLevel = 'base' | 'cas' | 'tx'

export function storeConformance(name: string, makeStore: MakeStore, level: ConformanceLevel): void {
  describe(`store conformance (${level}): ${name}`, () => {
    const groups: Array<[string, Record<string, StoreTest>]> = [
      ['rows', baseTests],
      ['snapshots', snapshotTests],
      ['optional methods', optionalTests],
    ]
    if (level !== 'base') groups.push(['compare and set', casTests])
    if (level === 'tx')
      groups.push(
        ['transactions', txTests],
        ['streamed transactions', streamTests],
        ['index tokens', tokenTests],
      )
    for (const [title, tests] of groups) {
      describe(title, () => {
        for (const [clause, test] of Object.entries(tests)) it(clause, withStore(makeStore, test))
      })
    }
  })
}
