/** Clients as the registry knows them, with the names people gave them. */
import type { ConsoleState, RegistryRow } from '../state.ts'

export const clientGroup = 'clients'
export const clientTemplate = 'client-accounting'

export interface RegisteredClient extends RegistryRow {
  readonly name: string
}

/** Every client, by name. */
export async function registeredClients({ registry, clients }: ConsoleState): Promise<RegisteredClient[]> {
  const [rows, entries] = await Promise.all([registry.list(), clients.entries()])
  const names = new Map(entries.map(({ id, record }) => [id, record.name]))
  return rows
    .filter((row) => row.group === clientGroup)
    .map((row) => ({ ...row, name: names.get(row.vaultId) ?? row.partitionKey }))
    .sort((a, b) => a.name.localeCompare(b.name) || (a.vaultId < b.vaultId ? -1 : 1))
}

export async function clientNames(state: ConsoleState): Promise<(vaultId: string) => string> {
  const names = new Map((await registeredClients(state)).map((client) => [client.vaultId, client.name]))
  return (vaultId) => names.get(vaultId) ?? vaultId
}

export function vaultIdOf(key: string): string {
  return `${clientGroup}--${key}`
}
