/** Campaigns and their shards, in the state vault. */
import { ConflictError, STATE_VAULT_NAME, type Transaction } from '@noy-db/hub'
import type { Noydb, Vault } from '@noy-db/hub/kernel'
import { LobbyError } from '../errors.ts'
import { StateRows } from '../state-rows.ts'
import type { CampaignRow, CampaignShardRow } from './types.ts'

const ATTEMPTS = 20

export class CampaignStore {
  readonly db: Noydb
  readonly vault: Vault
  readonly #campaigns: StateRows<CampaignRow>
  readonly #shards: StateRows<CampaignShardRow>

  private constructor(db: Noydb, vault: Vault) {
    this.db = db
    this.vault = vault
    this.#campaigns = new StateRows(vault, 'campaigns')
    this.#shards = new StateRows(vault, 'campaignShards')
  }

  static async open(db: Noydb): Promise<CampaignStore> {
    return new CampaignStore(db, await db.openVault(STATE_VAULT_NAME))
  }

  /** @throws LobbyError CAMPAIGN_NOT_FOUND */
  async campaign(id: string): Promise<CampaignRow> {
    return (await this.#stored(id)).row
  }

  /** Newest first. */
  async campaigns(group: string): Promise<CampaignRow[]> {
    return (await this.#campaigns.list()).filter((row) => row.group === group).reverse()
  }

  /** In the order of the plan. */
  async shards(campaign: string): Promise<CampaignShardRow[]> {
    const rows = await this.#shards.list(`${campaign}/`)
    return rows.sort((left, right) => left.place - right.place)
  }

  addTo(tx: Transaction, campaign: CampaignRow, shards: readonly CampaignShardRow[]): void {
    this.#campaigns.put(tx, campaign.id, campaign, 0)
    for (const shard of shards) this.putShard(tx, shard)
  }

  putShard(tx: Transaction, shard: CampaignShardRow): void {
    this.#shards.put(tx, `${shard.campaign}/${shard.vaultId}`, shard)
  }

  /** The row as it is then, changed; `null` leaves it. Made again when somebody else was faster. */
  async change(
    id: string,
    change: (row: CampaignRow) => CampaignRow | null,
    run: (work: (tx: Transaction) => void) => Promise<void>,
  ): Promise<CampaignRow> {
    for (let attempt = 1; ; attempt += 1) {
      const { row, version } = await this.#stored(id)
      const next = change(row)
      if (next === null) return row
      try {
        await run((tx) => this.#campaigns.put(tx, id, next, version))
        return next
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error
      }
    }
  }

  async #stored(id: string) {
    const stored = await this.#campaigns.get(id)
    if (stored === null) throw new LobbyError('CAMPAIGN_NOT_FOUND', `There is no campaign ${id}.`)
    return stored
  }
}
