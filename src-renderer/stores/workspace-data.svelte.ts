/** What several screens of an unlocked workspace show. Lives from unlock to lock; lock forgets it. */
import { api, on } from '../lib/api.ts'
import { Resource } from './resource.svelte.ts'

export const clients = new Resource(() => api.clients.list())
export const imports = new Resource(() => api.imports.list())
/** Those with other offices, what waits for somebody here first. */
export const agreements = new Resource(() => api.agreements.list())
export const conflictCounts = new Resource(() => api.conflicts.counts())

const all = [clients, imports, conflictCounts, agreements]

/** Loads and keeps current; returns the way to stop and forget. */
export function followWorkspace(): () => void {
  for (const resource of all) void resource.fetch()
  const stops = [
    on('clients:changed', clients.refetch),
    on('conflicts:changed', clients.refetch),
    on('conflicts:changed', conflictCounts.refetch),
    on('conflicts:changed', imports.refetch),
    on('imports:changed', imports.refetch),
    on('imports:changed', clients.refetch),
    on('agreements:changed', agreements.refetch),
    on('clients:changed', agreements.refetch),
  ]
  return () => {
    for (const stop of stops) stop()
    for (const resource of all) resource.clear()
  }
}

export function clientName(vaultId: string): string {
  return clients.value?.find((client) => client.vaultId === vaultId)?.name ?? vaultId
}
