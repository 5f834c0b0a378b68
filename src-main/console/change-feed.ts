/** Turns writes of the engine into the events screens listen to: one per kind and moment, however many rows changed. */
import type { ChangeEvent } from '@noy-db/hub'
import { STATE_VAULT_NAME } from '@noy-db/hub'
import type { Emit } from './options.ts'
import type { Open } from './session.ts'

const collectMs = 50

type Kind = 'clients' | 'conflicts' | 'imports' | 'agreements'

/** Collections of the state vault whose change concerns a screen. */
const stateEvents: Readonly<Record<string, Kind>> = {
  vaultRegistry: 'clients',
  clients: 'clients',
  exports: 'clients',
  conflictIndex: 'conflicts',
  importJournal: 'imports',
  surfaces: 'agreements',
  surfaceHeads: 'agreements',
  agreementClients: 'agreements',
}

export interface ChangeFeed {
  readonly follow: (open: Open) => void
  stop(): void
}

export function createChangeFeed(emit: Emit, changed: (vaultId: string) => void): ChangeFeed {
  const vaults = new Set<string>()
  const kinds = new Set<Kind>()
  let timer: NodeJS.Timeout | null = null

  const tell = (): void => {
    timer = null
    const vaultIds = [...vaults]
    if (kinds.has('clients') || vaultIds.length > 0) emit('clients:changed', { vaultIds })
    if (kinds.has('conflicts')) emit('conflicts:changed', { vaultIds })
    if (kinds.has('imports')) emit('imports:changed', {})
    if (kinds.has('agreements')) emit('agreements:changed', {})
    vaults.clear()
    kinds.clear()
  }
  const note = ({ vault, collection }: ChangeEvent): void => {
    if (vault === STATE_VAULT_NAME) {
      const kind = Object.hasOwn(stateEvents, collection) ? stateEvents[collection] : undefined
      if (kind === undefined) return
      kinds.add(kind)
    } else {
      changed(vault)
      vaults.add(vault)
    }
    timer ??= setTimeout(tell, collectMs)
  }
  return {
    follow: ({ db }) => {
      db.on('change', note)
    },
    stop() {
      if (timer) clearTimeout(timer)
      timer = null
      vaults.clear()
      kinds.clear()
    },
  }
}
