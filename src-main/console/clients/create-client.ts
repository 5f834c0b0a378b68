/** A new client: a vault made from the template, then its rows in the registry. */
import { AppError } from '../app-error.ts'
import type { Open } from '../session.ts'
import { clientGroup, clientTemplate, vaultIdOf } from './names.ts'

export interface NewClient {
  readonly name: string
  readonly key: string
}

/**
 * Registered last: a vault whose registration failed is empty and unlisted, and the same key takes it up again.
 * @throws AppError BAD_INPUT where the key is taken
 */
export async function createClient(open: Open, { name, key }: NewClient, command: string): Promise<string> {
  const vaultId = vaultIdOf(key)
  if ((await open.state.registry.get(vaultId)) !== null) throw taken(key)
  const vault = await open.db.openVault(vaultId, { create: true })
  const { state, templates } = open
  templates.declare(vault, clientTemplate)
  const row = {
    vaultId,
    partitionKey: key,
    templateName: clientTemplate,
    schemaVersion: templates.get(clientTemplate).version,
    createdAt: Date.parse(open.now()),
    group: clientGroup,
  }
  await open.db.transaction(
    (tx) => {
      tx.put(state.vault, state.registry.name, vaultId, row)
      tx.put(state.vault, state.clients.name, vaultId, { name })
    },
    { command },
  )
  open.templateNames.set(vaultId, clientTemplate)
  return vaultId
}

/** Takes the rows back of a client that was made for something that then failed. */
export async function unregisterClient(open: Open, vaultId: string, command: string): Promise<void> {
  const { state } = open
  await open.db.transaction(
    (tx) => {
      tx.delete(state.vault, state.registry.name, vaultId)
      tx.delete(state.vault, state.clients.name, vaultId)
    },
    { command },
  )
  open.templateNames.delete(vaultId)
}

function taken(key: string): AppError {
  return new AppError(
    'BAD_INPUT',
    `Another client has the key "${key}". No client was made. Choose another key.`,
    { issues: [{ path: 'key', message: 'is taken' }] },
  )
}
