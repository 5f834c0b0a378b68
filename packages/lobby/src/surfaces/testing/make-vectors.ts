/**
 * Writes `vectors/surface.json` anew: `node packages/lobby/src/surfaces/testing/make-vectors.ts`. To be run when a format gets a new
 * version, never to make a test pass: files that were written before have to be read for good.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { STATE_VAULT_NAME } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { fill, openOffice } from '../../fixture-office.ts'
import { applySurface } from '../apply-surface.ts'
import { encodeExchangeLog, listExchanges } from '../exchange-log.ts'
import { exportSurface } from '../export-surface.ts'
import { surfaceReceipt, takeSurfaceReceipt } from '../receipt.ts'
import { DAY, definition, openParty, START, type Party } from './parties.ts'

const PKCS8_PREFIX = '302e020100300506032b657004220420'
const seeds = { firm: '11'.repeat(32), client: '22'.repeat(32) }

async function partyWithSeed(name: keyof typeof seeds): Promise<Party> {
  const store = memory()
  const pkcs8 = Buffer.from(PKCS8_PREFIX + seeds[name], 'hex')
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  const identity = {
    party: name,
    publicKey: spki.subarray(-32).toString('base64'),
    privateKey: pkcs8.toString('base64'),
    createdAt: new Date(START).toISOString(),
  }
  const db = await openOffice(name, store)
  await (await db.openVault(STATE_VAULT_NAME)).collection('identity').put(name, identity)
  return openParty(name, store)
}

const [firm, client] = [await partyWithSeed('firm'), await partyWithSeed('client')]
await fill(firm.db, 'acme', {
  partners: { p1: { name: 'Żółć & Söhne', email: 'a@x', tax: '1' }, p2: { name: 'B' } },
})
await client.db.openVault('books')
const files: string[] = []

async function toClient(file: string): Promise<void> {
  files.push(file)
  await client.surfaces.receive(file, { trust: firm.identity.fingerprint })
}

async function toFirm(file: string): Promise<void> {
  files.push(file)
  await firm.surfaces.receive(file)
}

const asked = await firm.surfaces.propose({ ...definition, expiresAt: START + 365 * DAY }, client.identity, {
  answerBy: START + DAY,
})
const { row } = asked
await toClient(asked.file)
await toFirm((await client.surfaces.decide(row.id, { kind: 'agree', reason: 'as discussed' })).file)
await toClient((await firm.surfaces.decide(row.id, { kind: 'suspend' })).file)
await toClient((await firm.surfaces.decide(row.id, { kind: 'resume' })).file)

async function deliver() {
  const vault = await firm.db.openVault('acme')
  const { bundleBytes, transferKey } = await exportSurface(vault, await firm.surfaces.get(row.id), firm.gate)
  const books = await client.db.openVault('books')
  await applySurface(books, await client.surfaces.get(row.id), bundleBytes, transferKey, client.gate)
  return {
    bytes: Buffer.from(bundleBytes).toString('base64'),
    transferKey: Buffer.from(transferKey).toString('base64'),
  }
}

const full = await deliver()
await takeSurfaceReceipt(firm.state, await surfaceReceipt(client.state, row.id, client.gate))
await (await firm.db.openVault('acme')).collection('partners').delete('p2')
const delta = await deliver()
const vectors = {
  seeds,
  files,
  full,
  delta,
  receipt: await surfaceReceipt(client.state, row.id, client.gate),
  logs: {
    firm: encodeExchangeLog(await listExchanges(firm.state, row.id)),
    client: encodeExchangeLog(await listExchanges(client.state, row.id)),
  },
}
const target = join(import.meta.dirname, '../vectors/surface.json')
writeFileSync(target, `${JSON.stringify(vectors, null, 2)}\n`)
firm.db.close()
client.db.close()
