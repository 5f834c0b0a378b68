/**
 * Two offices with one client in common, and the queue their edits make: the product's own services from the first
 * record to the import, so that a test decides what a person would.
 */
import { copyFile, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { type Console, createConsole } from '../console/console.ts'
import type { Emit } from '../console/options.ts'
import type { Profile } from '../console/profile.ts'
import type { CallContext } from '../../src-shared/ipc/define.ts'
import { type InvoiceSeed, passphrase, type SideSeed, type WorkspaceSeed } from './port.ts'

const resourcesDir = join(import.meta.dirname, '../../resources')
const cheapKdf = { memoryKiB: 8, passes: 1, parallelism: 1 }
const ours: Profile = { firmName: 'Alder & Co', userName: 'Anna Berger' }
const theirs: Profile = { firmName: 'Harbour Bookkeeping', userName: 'Kim Keeper' }
const client = { name: 'Vins et alcools Chevalier', key: 'VINET' }
const context: CallContext = {
  jobId: 'seed',
  signal: new AbortController().signal,
  progress: () => undefined,
}

const invoice = {
  customerName: client.name,
  issueDate: '2026-05-03',
  currency: 'EUR',
  lines: [{ lineNo: 1, description: 'Chai', quantity: '12', unitPrice: '14.00', amount: 16800 }],
  freight: 3238,
  total: 20038,
  shipName: 'Vins et alcools',
}

export function testConsole(file: string, emit: Emit = () => undefined): Console {
  return createConsole({ file, host: 'electron', resourcesDir, kdf: cheapKdf, emit })
}

/** Workspace files by seed, each made once; a test works on a copy. */
export function createSeeds(folder: string): (seed: WorkspaceSeed) => Promise<string> {
  const made = new Map<string, Promise<string>>()
  return async (seed) => {
    const key = JSON.stringify(seed)
    const original = made.get(key) ?? makeWorkspace(await mkdtemp(join(folder, 'seed-')), seed)
    made.set(key, original)
    const copy = join(await mkdtemp(join(folder, 'test-')), 'workspace.lobby')
    await copyFile(await original, copy)
    return copy
  }
}

async function makeWorkspace(folder: string, { invoices }: WorkspaceSeed): Promise<string> {
  const file = join(folder, 'firm.lobby')
  const firm = await office(file, ours)
  const books = await office(join(folder, 'books.lobby'), theirs)
  try {
    const { vaultId } = await firm.clients.create(client)
    const bases = invoices.map(
      ({ base }, at) => [idAt(at), { ...invoice, number: idAt(at), ...base }] as const,
    )
    await write(firm, vaultId, bases)
    await handOver(firm, books, theirs, vaultId)
    const [there] = await books.clients.list()
    await edit(
      books,
      there?.vaultId ?? '',
      bases,
      invoices.map((one) => one.theirs),
    )
    await edit(
      firm,
      vaultId,
      bases,
      invoices.map((one) => one.ours),
    )
    await handOver(books, firm, ours, there?.vaultId ?? '')
  } finally {
    await firm.close()
    await books.close()
  }
  return file
}

type Records = readonly (readonly [id: string, record: InvoiceSeed['base']])[]

const idAt = (at: number): string => String(10_248 + at)

async function office(file: string, profile: Profile): Promise<Console> {
  const opened = testConsole(file)
  await opened.workspace.create({ ...profile, passphrase, demo: false }, () => undefined)
  return opened
}

function edit(on: Console, vaultId: string, bases: Records, sides: readonly SideSeed[]): Promise<void> {
  const edited = bases.map(([id, base], at) => {
    const side = sides[at]
    return [id, side === 'deleted' ? undefined : { ...base, ...side }] as const
  })
  return write(on, vaultId, edited)
}

/** A record that is undefined is deleted. */
function write(on: Console, vaultId: string, records: Records): Promise<void> {
  return on.session.use(async (open) => {
    const invoices = (await open.vault(vaultId)).collection('invoices')
    const kept = records.filter(([, record]) => record !== undefined)
    await invoices.putMany(kept.map(([id, record]) => ({ id, record })))
    for (const [id, record] of records) if (record === undefined) await invoices.delete(id)
  })
}

/** Everything of one client, as a person with a memory stick would bring it. */
async function handOver(from: Console, to: Console, party: Profile, vaultId: string): Promise<void> {
  const made = await from.exports.create({ party: party.firmName, vaults: [vaultId] }, context)
  const take = async (handle: string, purpose: 'bundle' | 'keys'): Promise<string> => {
    const { name, bytes } = await from.files.read(handle)
    return (await to.files.receive(onePiece(bytes), { name, purpose })).handle
  }
  const bundle = await take(made.bundle.handle, 'bundle')
  const keys = { handle: await take(made.keys.handle, 'keys') }
  const { compartments } = await to.imports.inspect(bundle)
  const into = compartments.map(({ handle, suggestedVaultId }) => ({
    handle,
    strategy: 'three-way' as const,
    ...(suggestedVaultId === null ? { newClientName: client.name } : { vaultId: suggestedVaultId }),
  }))
  const { planId } = await to.imports.plan({ bundle, keys, into }, context)
  await to.imports.apply({ planId, exclude: [] }, context)
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
