import { expect, test } from 'vitest'
import { Progress } from './progress.ts'
import type { CampaignProgress, CampaignShardRow } from './types.ts'

const shard = (vaultId: string, records: number): CampaignShardRow => ({
  ...{ campaign: 'c', place: 0, vaultId, partitionKey: vaultId, from: 1, to: 2, records },
  ...{ cohort: 'rest', state: 'pending', attempts: 0 },
})

test('tells records, the rate of the last half minute and what is left, and survives a clock that stands', () => {
  let now = 0
  const seen: CampaignProgress[] = []
  const shards = [shard('a', 100), shard('b', 300)]
  const progress = new Progress(
    'c',
    shards,
    (one) => void seen.push(one),
    () => now,
  )
  expect(progress.now()).toMatchObject({ records: 0, total: 400, rate: null, etaMs: null })
  progress.step('a', 'cutover')
  progress.part('a', 50, 100)
  expect(progress.now()).toMatchObject({ records: 50, rate: null }) // no time has passed
  now = 10_000
  progress.ended({ ...shard('a', 100), state: 'done' })
  const first = { records: 100, rate: 10, etaMs: 30_000, waitingFor: [], shards: { done: 1 } }
  expect(seen.at(-1)).toMatchObject(first)
  now = 60_000
  progress.step('b', 'snapshot')
  expect(seen.at(-1)).toMatchObject({ rate: null, waitingFor: [{ vaultId: 'b', step: 'snapshot' }] })
  progress.step('b', 'cutover')
  now = 61_000
  progress.part('b', 100, 300)
  expect(seen.at(-1)).toMatchObject({ records: 200, rate: 100, etaMs: 2_000 })
  now = 50_000
  progress.part('b', 200, 300)
  expect(seen.at(-1)).toMatchObject({ records: 300, rate: null })
  progress.ended({ ...shard('b', 300), state: 'failed' })
  expect(seen.at(-1)).toMatchObject({ records: 100, shards: { done: 1, failed: 1, total: 2 } })
})
