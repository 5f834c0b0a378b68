/** Clients that a person chose in the list, for what is done to several at once. */
import { SvelteSet } from 'svelte/reactivity'
import type { ClientRow } from '../../src-shared/ipc/clients.ts'

export class ClientChoice {
  /** Vault ids; one that is out of sight for now stays chosen. */
  readonly vaults = new SvelteSet<string>()

  toggle(vaultId: string | undefined): void {
    if (vaultId === undefined) return
    if (!this.vaults.delete(vaultId)) this.vaults.add(vaultId)
  }

  /** All of them, or none where all are chosen already. */
  toggleAll(shown: readonly ClientRow[]): void {
    const all = this.count(shown) === shown.length
    for (const { vaultId } of shown) {
      if (all) this.vaults.delete(vaultId)
      else this.vaults.add(vaultId)
    }
  }

  count(shown: readonly ClientRow[]): number {
    return shown.filter(({ vaultId }) => this.vaults.has(vaultId)).length
  }

  /** Those in sight whose records can be read; where none is chosen, the one under the cursor. */
  among(shown: readonly ClientRow[], active: string | undefined): ClientRow[] {
    const isPicked = ({ vaultId }: ClientRow): boolean =>
      this.count(shown) === 0 ? vaultId === active : this.vaults.has(vaultId)
    return shown.filter((row) => row.access === 'open' && isPicked(row))
  }
}
