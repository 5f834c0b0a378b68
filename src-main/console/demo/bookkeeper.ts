/** The other office of the demo: a workspace in memory that takes the firm's bundles, edits, and sends its own. */
import {
  applyImport,
  decodeKeyFile,
  encodeKeyFile,
  exportBundle,
  inspectBundle,
  keysFor,
  ownIdentity,
  planImport,
} from '@klum-db/lobby'
import { createNoydb, type KdfParameters, type NoydbApi } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { randomBytes } from 'node:crypto'
import { clientTemplate } from '../clients/names.ts'
import type { Templates } from '../templates/templates.ts'
import type { Edit } from './edits.ts'

export interface SentBundle {
  readonly container: Uint8Array
  readonly keyFile: string
}

export interface Bookkeeper {
  /** Takes everything in, each part into a vault called as the part is. */
  receive(bundle: SentBundle): Promise<void>
  edit(vault: string, edits: readonly Edit[]): Promise<void>
  send(party: string, vaults: readonly string[]): Promise<SentBundle>
  close(): void
}

export interface BookkeeperOptions {
  readonly party: string
  readonly templates: Templates
  readonly kdf: KdfParameters | undefined
}

export async function openBookkeeper({ party, templates, kdf }: BookkeeperOptions): Promise<Bookkeeper> {
  const secret = randomBytes(32).toString('base64')
  const db = await createNoydb({
    store: memory(),
    user: 'bookkeeper',
    secret,
    history: true,
    ...(kdf && { kdf }),
  })
  await ownIdentity(db, { party })
  return {
    receive: (bundle) => receive(db, templates, bundle),
    edit: (vault, edits) => writeEdits(db, vault, edits),
    async send(receiver, vaults) {
      const named = vaults.map((vault) => ({ vault, name: vault }))
      const { container, keys, names, exchangeId } = await exportBundle(db, {
        party: receiver,
        vaults: named,
      })
      return { container, keyFile: encodeKeyFile({ exchangeId, container, keys, names }) }
    },
    close: () => {
      db.close()
    },
  }
}

async function receive(
  db: NoydbApi,
  templates: Templates,
  { container, keyFile }: SentBundle,
): Promise<void> {
  const { compartments } = await inspectBundle(container, db)
  const into = Object.fromEntries(compartments.map(({ handle, name }) => [handle, name ?? handle]))
  for (const name of Object.values(into)) await db.openVault(name, { create: true })
  const plan = await planImport(db, {
    container,
    keys: keysFor(decodeKeyFile(keyFile), container),
    into,
    strategy: 'three-way',
    declare: (vault) => {
      templates.declare(vault, clientTemplate)
    },
  })
  await applyImport(db, plan)
}

/** All edits of one office in one client, as one change. */
export async function writeEdits(
  db: NoydbApi,
  vaultName: string,
  edits: readonly Edit[],
  command = 'demo.edit',
): Promise<void> {
  const vault = await db.openVault(vaultName, { create: false })
  await db.transaction(
    (tx) => {
      for (const { collection, id, record } of edits) {
        if (record === null) tx.delete(vault, collection, id)
        else tx.put(vault, collection, id, record)
      }
    },
    { command },
  )
}
