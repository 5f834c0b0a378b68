/** Kill -9 in the middle of apply, decide and undo: what was acknowledged is there, what was not is there whole or not at all. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import {
  callContext,
  invoice,
  newWorkspace,
  passphrase,
  testConsole,
  testFolder,
  type TestConsole,
} from '../fixture.ts'
import { stateDigest, steps, type Files } from './steps.ts'

const runs = Number(process.env['LOBBY_CRASH_RUNS'] ?? 200)
const context = callContext()

interface Prepared extends Files {
  readonly folder: string
  readonly file: string
  /** State before the first step, then after each. */
  readonly digests: readonly string[]
  /** Milliseconds from unlocked to finished in an undisturbed child. */
  readonly duration: number
}

test(
  `killed ${runs} times, a session is found before or after a step, never between`,
  { timeout: 1_800_000 },
  async () => {
    const prepared = await prepare()
    const between: number[] = []
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < runs) {
        const run = next
        next += 1
        between.push(await killedRun(prepared, run))
      }
    }
    await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker))
    expect(between).toHaveLength(runs)
    // The kills have to be spread over the session, or the test says little.
    expect(new Set(between).size).toBeGreaterThan(Math.min(steps.length, runs) / 2)
  },
)

async function prepare(): Promise<Prepared> {
  const folder = testFolder()
  const { files, file } = await twoOffices(folder)
  const digests = await digestsOf(folder, file, files)
  const copy = await copyOf(folder, file, 'timing')
  const started = performance.now()
  const child = startChild(copy, files)
  const acknowledged = await child.finished
  expect(acknowledged).toBe(steps.length)
  return { ...files, folder, file, digests, duration: performance.now() - started - child.unlockedAfter() }
}

/** A firm and its bookkeeper: twenty invoices edited on both sides, on their way back in one bundle. */
async function twoOffices(folder: string): Promise<{ files: Files; file: string }> {
  const firm = await newWorkspace('Alder & Co', { file: join(folder, 'firm.lobby') })
  const books = await newWorkspace('Harbour', { file: join(folder, 'books.lobby') })
  const { vaultId } = await firm.clients.create({ name: 'Chevalier', key: 'VINET' })
  await putInvoices(firm, vaultId, (n) => ({ freight: 100 * n }))
  const there = await receive(books, await send(firm, [vaultId], join(folder, 'out')))
  await putInvoices(books, there, (n) => ({ freight: 100 * n + 7 }))
  await putInvoices(firm, vaultId, (n) => ({ freight: 100 * n, notes: `reviewed ${n}` }))
  const files = await send(books, [there], join(folder, 'back'))
  await firm.close()
  await books.close()
  return { files, file: firm.file }
}

async function putInvoices(
  console: TestConsole,
  vaultId: string,
  change: (n: number) => object,
): Promise<void> {
  const rows = Array.from({ length: 20 }, (_, n) => {
    const id = `inv-${String(n).padStart(2, '0')}`
    return { id, record: { ...invoice, id, number: id, ...change(n) } }
  })
  await console.session.use(async (open) => (await open.vault(vaultId)).collection('invoices').putMany(rows))
}

async function send(from: TestConsole, vaults: string[], stem: string): Promise<Files> {
  const made = await from.exports.create({ party: 'The other office', vaults }, context)
  const files = { bundle: `${stem}.noydb`, keys: `${stem}.keys.json` }
  await writeFile(files.bundle, (await from.files.read(made.bundle.handle)).bytes)
  await writeFile(files.keys, (await from.files.read(made.keys.handle)).bytes)
  return files
}

async function receive(into: TestConsole, files: Files): Promise<string> {
  const bundle = (await into.files.register(files.bundle, 'bundle')).handle
  const keys = await into.files.register(files.keys, 'keys')
  const { compartments } = await into.imports.inspect(bundle)
  const targets = compartments.map(({ handle }) => ({
    handle,
    newClientName: 'Chevalier',
    strategy: 'take-incoming' as const,
  }))
  const { planId } = await into.imports.plan(
    { bundle, keys: { handle: keys.handle }, into: targets },
    context,
  )
  const receipt = await into.imports.apply({ planId, exclude: [] }, context)
  return receipt.perVault[0]?.vault ?? ''
}

async function digestsOf(folder: string, file: string, files: Files): Promise<string[]> {
  const console = testConsole({ file: await copyOf(folder, file, 'whole') }, folder)
  await console.workspace.unlock(passphrase)
  const digests = [await stateDigest(console)]
  for (const step of steps) {
    await step(console, files)
    digests.push(await stateDigest(console))
  }
  await console.close()
  return digests
}

async function copyOf(folder: string, file: string, name: string): Promise<string> {
  const place = join(folder, name)
  await mkdir(place)
  await cp(file, join(place, 'firm.lobby'))
  return join(place, 'firm.lobby')
}

/** @returns the step the kill fell into */
async function killedRun(prepared: Prepared, run: number): Promise<number> {
  const file = await copyOf(prepared.folder, prepared.file, `run-${run}`)
  const child = startChild(file, prepared)
  await child.unlocked
  const timer = setTimeout(child.kill, Math.random() * prepared.duration)
  const acknowledged = await child.finished
  clearTimeout(timer)
  const console = testConsole({ file }, prepared.folder)
  await console.workspace.unlock(passphrase)
  const found = await stateDigest(console)
  const possible = prepared.digests.slice(acknowledged, acknowledged + 2)
  expect(possible, `run ${run}: after ${acknowledged} acknowledged steps`).toContain(found)
  const reports = await console.activity.verify(undefined, context)
  expect(
    reports.filter(({ ok }) => !ok),
    `run ${run}: audit chain`,
  ).toEqual([])
  await console.close()
  return acknowledged
}

function startChild(file: string, { bundle, keys }: Files) {
  const program = join(import.meta.dirname, 'child.ts')
  const child = spawn(process.execPath, [program, file, bundle, keys, passphrase], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const started = performance.now()
  let acknowledged = 0
  let unlockedAfter = 0
  const unlocked = Promise.withResolvers<undefined>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'unlocked') {
      unlockedAfter = performance.now() - started
      unlocked.resolve(undefined)
    }
    if (line.startsWith('ack ')) acknowledged = Number(line.slice('ack '.length))
  })
  const finished = once(child, 'close').then(() => {
    unlocked.reject(new Error('the child ended before it had unlocked'))
    return acknowledged
  })
  unlocked.promise.catch(() => undefined)
  return {
    unlocked: unlocked.promise,
    finished,
    unlockedAfter: () => unlockedAfter,
    kill: () => child.kill('SIGKILL'),
  }
}
