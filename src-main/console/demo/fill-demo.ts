/** Fills a new workspace with a made-up firm, and writes three bundles of another office to import. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createClient } from '../clients/create-client.ts'
import { vaultIdOf } from '../clients/names.ts'
import { exportTo } from '../exports/exports.ts'
import type { ConsoleOptions } from '../options.ts'
import type { Open } from '../session.ts'
import type { DemoFiles, FillDemo } from '../workspace.ts'
import { openBookkeeper, type SentBundle, writeEdits } from './bookkeeper.ts'
import { makeBooks } from './books.ts'
import { editInvoices, newInvoices } from './edits.ts'
import type { DemoInvoice } from './invoice.ts'
import { readSample, type Sample, type SampleClient } from './sample.ts'

const command = 'demo.fill'

/** Places of the clients that are kept together with the bookkeeper, and how much each has changed. */
const shared = [
  { place: 0, edited: 12, added: 3 },
  { place: 1, edited: 11, added: 2 },
  { place: 6, edited: 6, added: 1 },
] as const

export function fillDemo({ file, resourcesDir, kdf }: ConsoleOptions): FillDemo {
  return async (open, report) => {
    const sample = await readSample(resourcesDir)
    const steps = sample.clients.length + 2
    for (const [place, client] of sample.clients.entries()) {
      report(place, steps, client.name)
      await fillClient(open, sample, client, place)
    }
    report(sample.clients.length, steps, sample.bookkeeper)
    const bundles = await exchange(open, sample, kdf)
    const files = await writeBundles(join(dirname(file), 'demo-bundles'), bundles)
    report(steps, steps)
    return files
  }
}

async function fillClient(open: Open, sample: Sample, client: SampleClient, place: number): Promise<void> {
  const vaultId = await createClient(open, { name: client.name, key: client.key }, command)
  await open.vault(vaultId)
  await writeEdits(open.db, vaultId, makeBooks(sample, client, place), command)
}

interface DemoBundle extends SentBundle {
  readonly name: string
  readonly note: string
}

/** The firm sends three clients, both offices go on working, and the bookkeeper answers. */
async function exchange(open: Open, sample: Sample, kdf: ConsoleOptions['kdf']): Promise<DemoBundle[]> {
  const clients = shared.map(({ place }) => clientAt(sample, place))
  const bookkeeper = await openBookkeeper({ party: sample.bookkeeper, templates: open.templates, kdf })
  try {
    const vaults = clients.map(({ key }) => vaultIdOf(key))
    const quiet = { signal: new AbortController().signal, progress: () => undefined }
    await bookkeeper.receive(await exportTo(open, { party: sample.bookkeeper, vaults }, quiet))
    for (const { place, edited, added } of shared) {
      const client = clientAt(sample, place)
      const invoices = invoicesOf(sample, client, place)
      const edits = editInvoices(invoices, client.vatRate, edited)
      await writeEdits(open.db, vaultIdOf(client.key), edits.firm, command)
      await bookkeeper.edit(client.name, [...edits.bookkeeper, ...newInvoices(invoices, added)])
    }
    const send = (names: string[]) => bookkeeper.send(open.profile.firmName, names)
    const [first, second, third] = clients.map(({ name }) => name)
    return [
      { name: '1-two-clients', note: noteOf([first, second]), ...(await send(listOf(first, second))) },
      { name: '2-one-client', note: noteOf([third]), ...(await send(listOf(third))) },
      {
        name: '3-damaged',
        note: 'One byte was changed on the way: it is refused.',
        ...damaged(await send(listOf(first))),
      },
    ]
  } finally {
    bookkeeper.close()
  }
}

function listOf(...names: (string | undefined)[]): string[] {
  return names.filter((name) => name !== undefined)
}

function noteOf(names: readonly (string | undefined)[]): string {
  return `Changes for ${listOf(...names).join(' and ')}, some in records that were changed here too.`
}

function clientAt(sample: Sample, place: number): SampleClient {
  const client = sample.clients[place]
  if (client === undefined) throw new RangeError(`The sample has no client ${place}.`)
  return client
}

function invoicesOf(sample: Sample, client: SampleClient, place: number): DemoInvoice[] {
  const records = makeBooks(sample, client, place).filter(({ collection }) => collection === 'invoices')
  // The generator made them from invoices, and nothing touched them since.
  return records.map(({ record }) => record as unknown as DemoInvoice)
}

/** One bit of the last compartment, as a bad memory stick would do it. */
function damaged(bundle: SentBundle): SentBundle {
  const container = Uint8Array.from(bundle.container)
  const at = container.length - 100
  container[at] = (container[at] ?? 0) ^ 0x10
  return { ...bundle, container }
}

async function writeBundles(folder: string, bundles: readonly DemoBundle[]): Promise<DemoFiles> {
  await mkdir(folder, { recursive: true })
  const written = bundles.map(async ({ name, note, container, keyFile }) => {
    const bundle = join(folder, `${name}.noydb`)
    const keys = join(folder, `${name}.keys.json`)
    await writeFile(bundle, container)
    await writeFile(keys, keyFile, { mode: 0o600 })
    return { bundle, keys, note }
  })
  return { folder, bundles: await Promise.all(written) }
}
