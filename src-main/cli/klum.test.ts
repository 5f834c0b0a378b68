/** The real command as a child process, on real workspace files. */
import { read, utils } from '@e965/xlsx'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exportTo } from '../console/exports/exports.ts'
import {
  callContext,
  invoice,
  newWorkspace,
  passphrase,
  testConsole,
  testFolder,
} from '../console/test/fixture.ts'
import type { TestConsole } from '../console/test/fixture.ts'
import { klum as command } from './klum.ts'

const program = resolve(import.meta.dirname, '../../bin/klum')
const key = { collection: 'invoices', id: 'inv-1' }

interface Done {
  readonly code: number | null
  readonly out: string
  readonly error: string
  /** Standard output as the JSON document it has to be. */
  readonly json: Record<string, unknown>
}

interface Start {
  readonly cwd?: string
  /** What the command finds under descriptor 3. */
  readonly secret?: string
  readonly program?: string
}

async function klum(words: readonly string[], start: Start = {}): Promise<Done> {
  const child = spawn(process.execPath, [start.program ?? program, ...words], {
    cwd: start.cwd,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  child.stdio[3]?.on('error', () => undefined) // it may end without having asked
  if (start.secret !== undefined) (child.stdio[3] as NodeJS.WritableStream).end(`${start.secret}\n`) // a pipe, by `stdio`
  const [out, error, code] = await Promise.all([
    text(child.stdout as Readable),
    text(child.stderr as Readable),
    new Promise<number | null>((ended) => child.once('exit', ended)),
  ])
  const json = words.includes('--json') ? (JSON.parse(out) as Record<string, unknown>) : {}
  return { code, out, error, json }
}

/** A workspace with a passphrase file beside it, and the command on it. */
interface Office {
  readonly file: string
  readonly folder: string
  klum(...words: string[]): Promise<Done>
  /** The window's services on it, closed again. */
  open<T>(work: (console: TestConsole) => Promise<T>): Promise<T>
}

async function office(firmName: string): Promise<Office> {
  const made = await newWorkspace(firmName)
  await made.close()
  const { file, folder } = made
  const secret = join(folder, 'passphrase')
  writeFileSync(secret, `${passphrase}\n`, { mode: 0o600 })
  return {
    file,
    folder,
    klum: (...words) => klum([...words, '--json', '--workspace', file, '--passphrase-file', secret]),
    async open(work) {
      const console = testConsole({ file }, folder)
      await console.workspace.unlock(passphrase)
      const result = await work(console)
      await console.close()
      return result
    },
  }
}

/** Writes a bundle of every client and its keys beside it. */
function bundleOf(from: Office, name: string): Promise<{ bundle: string; keys: string }> {
  return from.open((console) =>
    console.session.use(async (open) => {
      const vaults = [...open.templateNames.keys()]
      const made = await exportTo(open, { party: 'Alder & Co', vaults }, callContext())
      const paths = {
        bundle: join(from.folder, `${name}.noydb`),
        keys: join(from.folder, `${name}.keys.json`),
      }
      writeFileSync(paths.bundle, made.container)
      writeFileSync(paths.keys, made.keyFile)
      return paths
    }),
  )
}

function saveInvoice(at: Office, change: Record<string, unknown>, expectedVersion: number): Promise<unknown> {
  return at.open(async ({ clients }) => {
    const [client] = await clients.list()
    const vaultId = client?.vaultId ?? ''
    await clients.saveRecord({ ...key, vaultId, record: { ...invoice, ...change }, expectedVersion })
  })
}

/** Both sides know the invoice, both changed its ship name, and the second bundle waits. */
async function twoOffices(): Promise<{
  sender: Office
  firm: Office
  second: { bundle: string; keys: string }
}> {
  const [sender, firm] = [await office('Harbour Bookkeeping'), await office('Alder & Co')]
  await sender.open(({ clients }) => clients.create({ name: 'Chevalier', key: 'VINET' }))
  await saveInvoice(sender, {}, 0)
  const first = await bundleOf(sender, 'first')
  const imported = await firm.klum(
    'import',
    first.bundle,
    '--keys',
    first.keys,
    '--new',
    'Chevalier=Vins Chevalier',
  )
  expect(imported).toMatchObject({ code: 0, json: { counts: { insert: 1 } } })
  await saveInvoice(sender, { shipName: 'Theirs' }, 1)
  await saveInvoice(firm, { shipName: 'Ours' }, 1)
  return { sender, firm, second: await bundleOf(sender, 'second') }
}

describe('klum', () => {
  test('looks at a bundle, tries it, imports it, and finds, decides and undoes its conflict', async () => {
    const { firm, second } = await twoOffices()
    const looked = await klum(['inspect', second.bundle, '--json'])
    expect(looked).toMatchObject({ code: 0, json: { sender: { party: 'Harbour Bookkeeping', sequence: 2 } } })
    const words = [second.bundle, '--keys', second.keys, '--into', 'Chevalier=Vins Chevalier']
    const tried = await firm.klum('dry-run', ...words)
    expect(tried).toMatchObject({ code: 0, json: { counts: { queue: 1 }, refused: [] } })
    const hash = String(tried.json['hash'])
    const stale = await firm.klum('import', ...words, '--expect', hash.replaceAll(/[0-9]/g, '0'))
    expect(stale).toMatchObject({ code: 2, json: { error: { code: 'PLAN_STALE' } } })
    expect((await firm.klum('import', ...words, '--expect', hash)).code).toBe(0)
    expect((await firm.klum('import', ...words)).json).toMatchObject({ error: { code: 'ALREADY_IMPORTED' } })

    const { json } = await firm.klum('conflicts', '--client', 'Vins Chevalier')
    expect(json).toMatchObject({
      total: 1,
      conflicts: [{ vaultName: 'Vins Chevalier', kind: 'edited-by-both' }],
    })
    const [{ conflictId }] = json['conflicts'] as [{ conflictId: string }]
    const detail = await firm.klum('conflict', conflictId)
    expect(detail.json).toMatchObject({
      ours: { shipName: 'Ours' },
      theirs: { shipName: 'Theirs' },
      recordVersion: 2,
    })
    const choice = ['decide', conflictId, '--set', 'shipName="Both"', '--pick', 'number=ours']
    expect((await firm.klum(...choice, '--dry-run')).json).toMatchObject({ result: { shipName: 'Both' } })
    const moved = await firm.klum(...choice, '--expect-version', '1')
    expect(moved).toMatchObject({ code: 2, json: { error: { code: 'CONFLICT_MOVED' } } })
    const decided = await firm.klum(...choice, '--expect-version', '2', '--reason', 'agreed by phone')
    expect(decided).toMatchObject({ code: 0, json: { decided: 1, remaining: 0 } })
    const undone = await firm.klum('undo', String(decided.json['batchId']))
    expect(undone.json).toEqual({ undone: 1, remaining: 1 })

    const rule = ['decide-many', '--take', 'theirs', '--collection', 'invoices']
    const preview = await firm.klum(...rule)
    expect(preview.json).toMatchObject({ matching: 1, left: 0 })
    const many = await firm.klum(
      ...rule,
      '--expect',
      String(preview.json['hash']),
      '--reason',
      'theirs is right',
    )
    expect(many.json).toMatchObject({ decided: 1 })
    await receiptsOf(firm, String(many.json['batchId']))

    const { imports } = (await firm.klum('imports')).json as { imports: { importId: string }[] }
    expect(imports).toMatchObject([{ fileName: 'second.noydb' }, { fileName: 'first.noydb' }])
    const id = imports[0]?.importId ?? ''
    const wouldBe = await firm.klum('undo-import', id)
    expect(wouldBe.json).toMatchObject({ done: false, recall: [{ id: 'inv-1' }], refused: [] })
    const taken = await firm.klum('undo-import', id, '--expect', String(wouldBe.json['hash']))
    expect(taken).toMatchObject({ code: 0, json: { done: true } })
    expect((await firm.klum('imports')).json).toMatchObject({
      imports: [{ status: 'undone' }, { status: 'applied' }],
    })
  }, 300_000)

  test('exports in every format, once that is allowed', async () => {
    const { firm } = await twoOffices()
    const out = (ending: string): string => join(firm.folder, `out.${ending}`)
    const csv = [
      'export',
      '--format',
      'csv',
      '--client',
      'Vins Chevalier',
      '--collection',
      'invoices',
      '--out',
      out('csv'),
    ]
    const refused = await firm.klum(...csv)
    expect(refused).toMatchObject({ code: 2, json: { error: { code: 'EXPORT_CAPABILITY' } } })
    expect(existsSync(out('csv'))).toBe(false)
    const formats = ['csv', 'xlsx', 'jsonl', 'html'].flatMap((format) => ['--format', format])
    expect((await firm.klum('allow-export', '--all', ...formats)).code).toBe(0)

    const options = ['--columns', 'number,issueDate,total', '--delimiter', ';', '--decimal', ',', '--labels']
    expect((await firm.klum(...csv, ...options)).code).toBe(0)
    expect(readFileSync(out('csv'), 'utf8')).toBe('Number;Issued;Total\r\n10248;2026-05-03;298,38\r\n')
    expect((await firm.klum(...csv)).json).toMatchObject({ error: { code: 'BAD_INPUT' } })
    expect((await firm.klum(...csv, '--force', '--collection', 'contacts')).code).toBe(2)

    expect((await firm.klum('export', '--format', 'xlsx', '--all', '--out', out('xlsx'))).code).toBe(0)
    const book = read(readFileSync(out('xlsx')), { cellDates: true, UTC: true })
    const [row] = utils.sheet_to_json<Record<string, unknown>>(book.Sheets['Vins Chevalier_Invoices'] ?? {}, {
      UTC: true,
    })
    expect(row).toMatchObject({ Number: '10248', Issued: new Date('2026-05-03'), Total: 298.38 })

    expect((await firm.klum('export', '--format', 'jsonl', '--all', '--out', out('jsonl'))).code).toBe(0)
    const [line = ''] = readFileSync(out('jsonl'), 'utf8').split('\n')
    expect(JSON.parse(line)).toMatchObject({ collection: 'invoices', id: 'inv-1', record: { total: 29838 } })
    expect((await firm.klum('export', '--format', 'html', '--all', '--out', out('html'))).code).toBe(0)
    expect(readFileSync(out('html'), 'utf8')).toContain('298.38')

    const bundle = ['export', '--format', 'bundle', '--all', '--to', 'Harbour Bookkeeping']
    const files = ['--out', out('noydb'), '--keys-out', out('keys.json')]
    expect((await firm.klum(...bundle, ...files)).json).toMatchObject({ records: 1, sequence: 1 })
    expect((await klum(['inspect', out('noydb'), '--json'])).json).toMatchObject({
      sender: { party: 'Alder & Co' },
    })
  }, 300_000)

  test('sends keys under a passphrase, and deletions where it is told to; takes them as strictly as it is told', async () => {
    const { sender, firm } = await twoOffices()
    const secret = join(sender.folder, 'key-passphrase')
    writeFileSync(secret, 'a line for the telephone\n', { mode: 0o600 })
    const out = (name: string): string => join(sender.folder, name)
    const send = (name: string, ...more: string[]): Promise<Done> =>
      sender.klum(
        ...['export', '--format', 'bundle', '--all', '--to', 'Alder & Co', '--key-form', 'passphrase'],
        ...['--out', out(`${name}.noydb`), '--keys-out', out(`${name}.keys.json`), ...more],
      )
    expect((await send('none')).json).toMatchObject({ error: { code: 'BAD_INPUT' } })
    expect(existsSync(out('none.noydb'))).toBe(false)
    const withSecret = ['--key-passphrase-file', secret]
    expect(await send('edited', ...withSecret)).toMatchObject({ code: 0, json: { records: 1 } })
    expect(JSON.parse(readFileSync(out('edited.keys.json'), 'utf8'))).not.toHaveProperty('keys')

    const take = (name: string, ...more: string[]): Promise<Done> => run('dry-run', name, ...more)
    const run = (command: string, name: string, ...more: string[]): Promise<Done> =>
      firm.klum(
        ...[command, out(`${name}.noydb`), '--keys', out(`${name}.keys.json`)],
        ...['--into', 'Chevalier=Vins Chevalier', ...withSecret, ...more],
      )
    writeFileSync(join(firm.folder, 'wrong'), 'another line, but wrong\n', { mode: 0o600 })
    const refused = await firm.klum(
      ...[
        'dry-run',
        out('edited.noydb'),
        '--keys',
        out('edited.keys.json'),
        '--into',
        'Chevalier=Vins Chevalier',
      ],
      ...['--key-passphrase-file', join(firm.folder, 'wrong')],
    )
    expect(refused.json).toMatchObject({ error: { code: 'KEY_PASSPHRASE_WRONG' } })
    expect((await take('edited')).json).toMatchObject({ counts: { queue: 1 } })
    expect((await take('edited', '--strictness', 'sometimes')).json).toMatchObject({
      error: { code: 'BAD_INPUT' },
    })

    await saveInvoice(firm, { shipName: invoice.shipName }, 2)
    const merged = await take('edited', '--strictness', 'contacts=ask')
    expect(merged.json).toMatchObject({ counts: { update: 1, queue: 0 } })
    const asked = await take('edited', '--strictness', 'field', '--strictness', 'invoices=ask')
    expect(asked.json).toMatchObject({ counts: { update: 0, queue: 1 } })

    await sender.open(({ session }) =>
      session.use(async (open) =>
        (await open.vault('clients--VINET')).collection('invoices').delete('inv-1'),
      ),
    )
    await send('silent', ...withSecret)
    expect((await take('silent')).json).toMatchObject({ counts: { delete: 0 } })
    await send('told', ...withSecret, '--deletions')
    expect((await take('told')).json).toMatchObject({ counts: { delete: 1 } })
    // The command runs without a terminal here, so there is nobody to ask.
    const unasked = await run('import', 'told')
    expect(unasked).toMatchObject({ code: 2, json: { error: { code: 'REMOVALS_REFUSED' } } })
    expect((await firm.klum('imports')).json).toMatchObject({ imports: [{ fileName: 'first.noydb' }] })
    const allowed = await run('import', 'told', '--allow-removals')
    expect(allowed).toMatchObject({ code: 0, json: { counts: { delete: 1 } } })
  }, 300_000)

  test('proves chains and backups, and says no where they do not hold', async () => {
    const firm = await office('Alder & Co')
    await firm.open(({ clients }) => clients.create({ name: 'Chevalier', key: 'VINET' }))
    await saveInvoice(firm, {}, 0)
    expect(await firm.klum('verify-audit')).toMatchObject({ code: 0, json: { ok: true } })
    const backup = join(firm.folder, 'backup')
    const made = await firm.klum('backup', '--client', 'VINET', '--out', backup)
    expect(made).toMatchObject({ code: 0, json: { ok: true, vault: 'clients--VINET' } })
    expect((await firm.klum('backup', '--client', 'Chevalier', '--out', backup)).json).toMatchObject({
      error: { code: 'BAD_INPUT' },
    })
    expect(await firm.klum('verify-backup', backup)).toMatchObject({
      code: 0,
      json: { ok: true, vault: 'clients--VINET' },
    })
    writeFileSync(backup, readFileSync(backup, 'utf8').replace('"_v":1', '"_v":2'))
    expect(await firm.klum('verify-backup', backup)).toMatchObject({
      code: 1,
      json: { error: { code: 'SNAPSHOT_INVALID' } },
    })
  }, 300_000)

  test('takes the passphrase from a file of one’s own or a descriptor, never from a word', async () => {
    const firm = await office('Alder & Co')
    const words = ['conflicts', '--workspace', firm.file, '--json']
    expect(await klum([...words, '--passphrase-fd', '3'], { secret: passphrase })).toMatchObject({
      code: 0,
      json: { total: 0 },
    })
    const wrong = await klum([...words, '--passphrase-fd', '3'], { secret: 'something else' })
    expect(wrong).toMatchObject({ code: 2, json: { error: { code: 'WRONG_PASSPHRASE' } } })
    const open = join(firm.folder, 'for-all')
    writeFileSync(open, passphrase, { mode: 0o644 })
    expect((await klum([...words, '--passphrase-file', open])).json).toMatchObject({
      error: { code: 'FORBIDDEN' },
    })
    const said = await klum([...words, '--passphrase', passphrase])
    expect(said).toMatchObject({ code: 2, json: { error: { code: 'BAD_INPUT' } } })
    expect(said.out).not.toContain(passphrase)
  }, 120_000)

  test('is refused while a window holds the workspace, and where there is none', async () => {
    const firm = await office('Alder & Co')
    await firm.open(async () => {
      expect(await firm.klum('conflicts')).toMatchObject({
        code: 2,
        json: { error: { code: 'STORE_LOCKED' } },
      })
    })
    const none = await klum(['conflicts', '--workspace', join(firm.folder, 'none'), '--json'])
    expect(none).toMatchObject({ code: 2, json: { error: { code: 'WORKSPACE_ABSENT' } } })
    expect(existsSync(join(firm.folder, 'none'))).toBe(false)
  }, 120_000)

  test('says what it knows, and refuses what it does not', async () => {
    const ask = async (...words: string[]): Promise<{ code: number; out: string; error: string }> => {
      const [out, error]: [string[], string[]] = [[], []]
      const streams = { out: (line: string) => out.push(line), error: (line: string) => error.push(line) }
      const code = await command(words, streams, new AbortController().signal)
      return { code, out: out.join('\n'), error: error.join('\n') }
    }
    const all = expect.stringContaining('verify-receipt') as unknown
    expect(await ask()).toMatchObject({ code: 0, out: all, error: '' })
    expect(await ask('odd')).toMatchObject({ code: 2, out: '', error: all })
    expect(await ask('export', '--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('--keys-out') as unknown,
    })
    for (const words of [
      ['inspect'],
      ['inspect', 'a', 'b'],
      ['decide', 'x', '--take', 'all'],
      ['export', '--odd'],
    ])
      expect(await ask(...words)).toMatchObject({
        code: 2,
        error: expect.stringContaining('[BAD_INPUT]') as unknown,
      })
    expect((await ask('inspect', 'none', '--json')).out).toContain('"FILE_GONE"')
  })

  test('runs through a link and from any folder', async () => {
    const folder = testFolder()
    const link = join(folder, 'klum')
    symlinkSync(program, link)
    const from = { cwd: folder, program: link }
    const vector = resolve(import.meta.dirname, '../../packages/lobby/test/vectors/receipt.json')
    const { out } = JSON.parse(readFileSync(vector, 'utf8')) as { out: { file: string } } // our own file
    writeFileSync(join(folder, 'receipt'), out.file)
    expect(await klum(['verify-receipt', 'receipt', '--json'], from)).toMatchObject({
      code: 0,
      json: { party: 'Alder & Co' },
    })
    expect((await klum(['verify-receipt', relative(folder, vector)], from)).code).toBe(1)
    expect((await klum(['meter-group'], from)).code).toBe(2)
  }, 120_000)
})

/** Writes a receipt of the batch, checks it, changes it, and checks it against the firm's key and another one. */
async function receiptsOf(firm: Office, batchId: string): Promise<void> {
  const file = join(firm.folder, 'receipt.json')
  const made = await firm.klum('receipt', '--batch', batchId, '--out', file)
  expect(made).toMatchObject({ code: 0, json: { decisions: 1, party: 'Alder & Co' } })
  const good = await klum(['verify-receipt', file, '--json'])
  expect(good).toMatchObject({
    code: 0,
    json: {
      ok: true,
      sha256: made.json['sha256'],
      receipt: { decisions: [{ choice: 'theirs', reason: 'theirs is right' }] },
    },
  })
  expect((await klum(['verify-receipt', file, '--key', String(good.json['publicKey'])])).code).toBe(0)
  const other = Buffer.alloc(32, 1).toString('base64')
  const strange = await klum(['verify-receipt', file, '--key', other, '--json'])
  expect(strange).toMatchObject({ code: 1, json: { error: { code: 'RECEIPT_OF_OTHER_KEY' } } })
  writeFileSync(file, readFileSync(file, 'utf8').replace('theirs is right', 'theirs is wrong'))
  const changed = await klum(['verify-receipt', file, '--json'])
  expect(changed).toMatchObject({ code: 1, json: { error: { code: 'SIGNATURE_INVALID' } } })
}

describe('rules and closed periods', () => {
  test('stand in the way of imports and decisions until a reason is given', async () => {
    const { firm, second } = await twoOffices()
    const close = ['periods', 'close', '--client', 'Vins Chevalier', '--quarter', '2026-Q2']
    expect((await firm.klum(...close, '--reason', 'filed')).code).toBe(0)
    const words = [second.bundle, '--keys', second.keys, '--into', 'Chevalier=Vins Chevalier', '--strategy']
    const tried = await firm.klum('dry-run', ...words, 'take-incoming')
    expect(tried).toMatchObject({
      code: 1,
      json: { broken: { total: 1, rows: [{ id: 'inv-1', broken: [{ rule: 'period-open' }] }] } },
    })
    expect((await firm.klum('import', ...words, 'three-way')).code).toBe(0)

    const conflictId = await firm.open(async ({ conflicts }) => {
      const { rows } = await conflicts.list({ filter: { status: 'open' }, offset: 0, limit: 1 })
      return rows[0]?.conflictId ?? ''
    })
    const decide = ['decide', conflictId, '--take', 'theirs']
    expect((await firm.klum(...decide)).json).toMatchObject({ error: { code: 'RULES_BROKEN' } })
    const decided = await firm.klum(...decide, '--override', 'agreed by phone')
    expect(decided).toMatchObject({ code: 0, json: { decided: 1 } })
    expect((await firm.klum('undo', String(decided.json['batchId']))).json).toMatchObject({
      error: { code: 'PERIOD_CLOSED', details: { period: '2026-05' } },
    })
    expect((await firm.klum('exceptions')).json).toMatchObject({
      total: 1,
      exceptions: [{ title: 'Invoice 10248', rule: 'period-open', reason: 'agreed by phone' }],
    })
    const reopen = ['periods', 'reopen', '--all', '--month', '2026-05']
    expect((await firm.klum(...reopen)).json).toMatchObject({ error: { code: 'BAD_INPUT' } })
    expect((await firm.klum(...reopen, '--reason', 'a mistake')).code).toBe(0)
    expect((await firm.klum('periods', 'list', '--all')).json).toMatchObject({
      clients: [{ months: [{ period: '2026-06', reason: 'filed' }, { period: '2026-04' }] }],
    })
  }, 300_000)
})
