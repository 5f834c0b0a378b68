/** Where a bundle's compartments go: the client each most likely belongs to, and clients that are to be made. */
import { freeKey } from '../../../src-shared/model/client-key.ts'
import { AppError } from '../app-error.ts'
import { type RegisteredClient, registeredClients, vaultIdOf } from '../clients/names.ts'
import type { Open } from '../session.ts'
import type { PendingClient } from './plan-store.ts'

export interface Target {
  readonly handle: string
  readonly vaultId?: string | undefined
  readonly newClientName?: string | undefined
}

export interface ResolvedTargets {
  /** Vault by compartment handle. */
  readonly into: Record<string, string>
  readonly pending: PendingClient[]
}

/** @throws AppError BAD_INPUT where a compartment goes nowhere, or two go to one client */
export async function resolveTargets(open: Open, targets: readonly Target[]): Promise<ResolvedTargets> {
  const clients = await registeredClients(open.state)
  const taken = new Set(clients.map(({ partitionKey }) => partitionKey))
  const pending: PendingClient[] = []
  const into = targets.map(({ handle, vaultId, newClientName }): [string, string] => {
    if (vaultId !== undefined) return [handle, known(clients, vaultId)]
    if (newClientName === undefined) throw refuse('A part of the bundle has no client to go to.')
    const key = freeKey(newClientName, taken)
    taken.add(key)
    pending.push({ name: newClientName, key, vaultId: vaultIdOf(key) })
    return [handle, vaultIdOf(key)]
  })
  if (new Set(into.map(([, vault]) => vault)).size !== into.length) {
    throw refuse('Two parts of the bundle go to the same client.')
  }
  return { into: Object.fromEntries(into), pending }
}

function known(clients: readonly RegisteredClient[], vaultId: string): string {
  if (clients.some((client) => client.vaultId === vaultId)) return vaultId
  throw new AppError(
    'NOT_FOUND',
    'A client chosen for this import is not there any more. Nothing was changed.',
  )
}

function refuse(what: string): AppError {
  return new AppError('BAD_INPUT', `${what} Nothing was changed. Choose one client for each.`)
}

/** By where this sender's compartment went before, else by the client's name, vault id or key. */
export async function suggestTargets(
  open: Open,
  compartments: readonly { readonly handle: string; readonly name?: string | undefined }[],
): Promise<Map<string, string>> {
  const clients = await registeredClients(open.state)
  const suggested = new Map<string, string>()
  for (const { handle, name } of compartments) {
    const routed = (await open.state.routes.get(handle))?.vaultId
    const found =
      clients.find(({ vaultId }) => vaultId === routed) ??
      (name === undefined ? undefined : clients.find((client) => isCalled(client, name)))
    if (found !== undefined) suggested.set(handle, found.vaultId)
  }
  return suggested
}

function isCalled({ name, vaultId, partitionKey }: RegisteredClient, wanted: string): boolean {
  return name.toLowerCase() === wanted.trim().toLowerCase() || vaultId === wanted || partitionKey === wanted
}
