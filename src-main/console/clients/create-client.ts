/** A new client: a vault made from the template, then its rows in the registry. */
import type { Transaction } from '@noy-db/hub'
import { AppError } from '../app-error.ts'
import type { Open } from '../session.ts'
import { clientGroup, clientTemplate, vaultIdOf } from './names.ts'

export interface NewClient {
  readonly name: string
  readonly key: string
}

/** @throws AppError BAD_INPUT where the key is taken */
export async function createClient(open: Open, client: NewClient, command: string): Promise<string> {
  await prepareClient(open, client)
  await open.db.transaction((tx) => registerClient(tx, open, client), { command })
  return clientMade(open, client)
}

/**
 * Makes the vault and declares its collections. It stays unlisted until it is registered: a client whose registration
 * failed is an empty vault that nobody sees, and the same key takes it up again.
 * @throws AppError BAD_INPUT where the key is taken
 */
export async function prepareClient(open: Open, { key }: NewClient): Promise<void> {
  const vaultId = vaultIdOf(key)
  if ((await open.state.registry.get(vaultId)) !== null) throw taken(key)
  const vault = await open.db.openVault(vaultId, { create: true })
  open.templates.declare(vault, clientTemplate)
  // A client that was reported as made has nothing left to write behind anybody's back.
  await vault._drainPendingSchemaWrites()
}

/** Stages the rows that make a prepared vault a client of the firm. */
export function registerClient(tx: Transaction, open: Open, { name, key }: NewClient): void {
  const { state, templates } = open
  const vaultId = vaultIdOf(key)
  const row = {
    vaultId,
    partitionKey: key,
    templateName: clientTemplate,
    schemaVersion: templates.get(clientTemplate).version,
    createdAt: Date.parse(open.now()),
    group: clientGroup,
  }
  tx.put(state.vault, state.registry.name, vaultId, row, { expectedVersion: 0 })
  tx.put(state.vault, state.clients.name, vaultId, { name })
}

/** To be called once the registration is in the store. */
export function clientMade(open: Open, { key }: NewClient): string {
  const vaultId = vaultIdOf(key)
  open.templateNames.set(vaultId, clientTemplate)
  return vaultId
}

function taken(key: string): AppError {
  return new AppError(
    'BAD_INPUT',
    `Another client has the key "${key}". No client was made. Choose another key.`,
    { issues: [{ path: 'key', message: 'is taken' }] },
  )
}
