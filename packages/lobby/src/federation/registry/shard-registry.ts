/** The registry rows of one group. */
import { ValidationError, type Transaction } from '@noy-db/hub'
import type { Collection, Noydb, Vault } from '@noy-db/hub/kernel'
import type { VaultRegistryRow } from '../types.ts'

export class ShardRegistry {
  readonly collection: Collection<VaultRegistryRow>
  readonly #db: Noydb
  readonly #group: string

  constructor(db: Noydb, group: string, collection: Collection<VaultRegistryRow>) {
    this.#db = db
    this.#group = group
    this.collection = collection
  }

  /** In registry order, tombstones included. The rows are frozen where the registry is cached. */
  rows(): Promise<VaultRegistryRow[]> {
    return this.collection.query().where('group', '==', this.#group).run()
  }

  /** The row of this group's shard, whatever its status; a row of another group under the same id is not ours. */
  async get(vaultId: string): Promise<VaultRegistryRow | null> {
    const row = await this.collection.get(vaultId)
    return row?.group === this.#group ? row : null
  }

  /** @throws ValidationError when the registry was opened by another instance, whose cache would then go stale */
  async vault(): Promise<Vault> {
    const vault = await this.#db.openVault(this.collection.vaultName, { create: false })
    if (vault.collection(this.collection.name) !== this.collection)
      throw new ValidationError('The registry of a group is opened by the instance of the group.')
    return vault
  }

  /** Stages the row in a transaction. */
  async put(tx: Transaction, row: VaultRegistryRow, expectedVersion?: number): Promise<void> {
    const options = expectedVersion === undefined ? {} : { expectedVersion }
    tx.put(await this.vault(), this.collection.name, row.vaultId, row, options)
  }
}
