/**
 * Two offices with one client in common, and the queue their edits make: the product's own services from the first
 * record to the import, so that a test decides what a person would.
 */
import { copyFile, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Console, createConsole } from '../console/console.ts'
import type { ConsoleOptions } from '../console/options.ts'
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

export interface Seeded {
  readonly file: string
  /** What the file dialog offers. */
  readonly offered: OfferedFiles
}

type OfferedFiles = Readonly<Record<'bundle' | 'keys', string>>

export function testConsole(file: string, options: Partial<ConsoleOptions> = {}): Console {
  return createConsole({
    file,
    host: 'electron',
    resourcesDir,
    kdf: cheapKdf,
    emit: () => undefined,
    ...options,
  })
}

/** Workspaces by seed, each made once; a test works on a copy. */
export function createSeeds(folder: string): (seed: WorkspaceSeed) => Promise<Seeded> {
  const made = new Map<string, Promise<Seeded>>()
  return async (seed) => {
    const key = JSON.stringify(seed)
    const original = made.get(key) ?? makeWorkspace(await mkdtemp(join(folder, 'seed-')), seed)
    made.set(key, original)
    const copy = join(await mkdtemp(join(folder, 'test-')), 'workspace.lobby')
    await copyFile((await original).file, copy)
    return { ...(await original), file: copy }
  }
}

async function makeWorkspace(folder: string, { invoices, waiting = false }: WorkspaceSeed): Promise<Seeded> {
  const file = join(folder, 'firm.lobby')
  const firm = await office(file, ours)
  const { vaultId } = await firm.clients.create(client)
  const bases = invoices.map(({ base }, at) => [idAt(at), { ...invoice, number: idAt(at), ...base }] as const)
  await write(firm, vaultId, bases)
  const sent = await send(firm, theirs, [vaultId], join(folder, 'sent'))
  const offered = await answerOf(join(folder, 'books.lobby'), sent, { bases, invoices, waiting })
  await write(
    firm,
    vaultId,
    edited(
      bases,
      invoices.map((one) => one.ours),
    ),
  )
  if (!waiting) await take(firm, offered)
  await firm.close()
  return { file, offered }
}

interface Answer {
  readonly bases: Records
  readonly invoices: readonly InvoiceSeed[]
  readonly waiting: boolean
}

/** What the other office sends back. */
async function answerOf(file: string, sent: OfferedFiles, answer: Answer): Promise<OfferedFiles> {
  const first = await office(file, theirs)
  await take(first, sent)
  await first.close()
  const books = testConsole(file)
  await books.workspace.unlock(passphrase)
  const [known] = await books.clients.list()
  const vaults = [known?.vaultId ?? '']
  const sides = answer.invoices.map((one) => one.theirs)
  await write(books, vaults[0] ?? '', edited(answer.bases, sides), 'unchecked')
  if (answer.waiting) {
    const { vaultId } = await books.clients.create({ name: 'Bon app', key: 'BONAP' })
    await write(books, vaultId, [['1', { ...invoice, number: '1' }]])
    vaults.push(vaultId)
  }
  const offered = await send(books, ours, vaults, file)
  await books.close()
  return offered
}

type Records = readonly (readonly [id: string, record: InvoiceSeed['base']])[]

const idAt = (at: number): string => String(10_248 + at)

async function office(file: string, profile: Profile): Promise<Console> {
  const opened = testConsole(file)
  await opened.workspace.create({ ...profile, passphrase, demo: false }, () => undefined)
  return opened
}

/** A record that is undefined is deleted. */
function edited(bases: Records, sides: readonly SideSeed[]): Records {
  return bases.map(([id, base], at) => {
    const side = sides[at]
    return [id, side === 'deleted' ? undefined : { ...base, ...side }] as const
  })
}

/** @param how `unchecked` needs a session in which the vault's template was not declared yet. */
function write(on: Console, vaultId: string, records: Records, how?: 'unchecked'): Promise<void> {
  return on.session.use(async (open) => {
    const vault = await (how === 'unchecked' ? open.db.openVault(vaultId) : open.vault(vaultId))
    const invoices = vault.collection('invoices')
    const kept = records.filter(([, record]) => record !== undefined)
    await invoices.putMany(kept.map(([id, record]) => ({ id, record })))
    for (const [id, record] of records) if (record === undefined) await invoices.delete(id)
  })
}

async function send(from: Console, to: Profile, vaults: string[], stem: string): Promise<OfferedFiles> {
  const made = await from.exports.create({ party: to.firmName, vaults }, context)
  const files = { bundle: `${stem}.noydb`, keys: `${stem}.keys.json` }
  await writeFile(files.bundle, (await from.files.read(made.bundle.handle)).bytes)
  await writeFile(files.keys, (await from.files.read(made.keys.handle)).bytes)
  return files
}

async function take(to: Console, files: OfferedFiles): Promise<void> {
  const bundle = (await to.files.register(files.bundle, 'bundle')).handle
  const keys = { handle: (await to.files.register(files.keys, 'keys')).handle }
  const { compartments } = await to.imports.inspect(bundle)
  const into = compartments.map(({ handle, suggestedVaultId }) => ({
    handle,
    strategy: 'three-way' as const,
    ...(suggestedVaultId === null ? { newClientName: client.name } : { vaultId: suggestedVaultId }),
  }))
  const { planId } = await to.imports.plan({ bundle, keys, into }, context)
  await to.imports.apply({ planId, exclude: [] }, context)
}
