/** How far a campaign is, in records, and how long it will take at the pace of the last half minute. */
import type { CampaignProgress, CampaignShardRow, ShardStep } from './types.ts'

const WINDOW_MS = 30_000

interface Sample {
  readonly at: number
  readonly records: number
}

export class Progress {
  readonly #campaign: string
  readonly #listener: ((progress: CampaignProgress) => void) | undefined
  /** Milliseconds that only go forward. */
  readonly #now: () => number
  readonly #shards = new Map<string, CampaignShardRow>()
  readonly #under = new Map<string, { step: ShardStep; share: number }>()
  #samples: Sample[]

  constructor(
    campaign: string,
    shards: readonly CampaignShardRow[],
    listener?: (progress: CampaignProgress) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#campaign = campaign
    this.#listener = listener
    this.#now = now
    for (const shard of shards) this.#shards.set(shard.vaultId, shard)
    this.#samples = [{ at: now(), records: this.#records() }]
  }

  step(vaultId: string, step: ShardStep): void {
    this.#under.set(vaultId, { step, share: 0 })
    this.#tell()
  }

  /** Of the step that counts, the cutover. */
  part(vaultId: string, done: number, total: number): void {
    const step = this.#under.get(vaultId)
    if (step === undefined || total === 0) return
    step.share = Math.min(1, done / total)
    this.#tell()
  }

  ended(shard: CampaignShardRow): void {
    this.#under.delete(shard.vaultId)
    this.#shards.set(shard.vaultId, shard)
    this.#tell()
  }

  now(): CampaignProgress {
    const shards = [...this.#shards.values()]
    const [records, total] = [this.#records(), shards.reduce((sum, shard) => sum + (shard.records ?? 0), 0)]
    const rate = this.#rate(records)
    const count = (state: CampaignShardRow['state']) => shards.filter((shard) => shard.state === state).length
    return {
      campaign: this.#campaign,
      records: Math.round(records),
      total,
      rate,
      etaMs: rate === null ? null : Math.round(((total - records) / rate) * 1000),
      shards: {
        done: count('done'),
        failed: count('failed'),
        waiting: count('waiting for access'),
        total: shards.length,
      },
      waitingFor: [...this.#under].map(([vaultId, { step }]) => ({ vaultId, step })),
    }
  }

  #tell(): void {
    this.#listener?.(this.now())
  }

  #records(): number {
    let sum = 0
    for (const { vaultId, state, records } of this.#shards.values()) {
      if (state === 'done') sum += records ?? 0
      else sum += (records ?? 0) * (this.#under.get(vaultId)?.share ?? 0)
    }
    return sum
  }

  #rate(records: number): number | null {
    const at = this.#now()
    this.#samples = [...this.#samples.filter((sample) => at - sample.at <= WINDOW_MS), { at, records }]
    const [first] = this.#samples
    if (first === undefined || at <= first.at || records <= first.records) return null
    return ((records - first.records) / (at - first.at)) * 1000
  }
}
