import { limits } from '@noy-db/hub'
import { Readable } from 'node:stream'
import { constants, createBrotliCompress } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import type { AppErrorCode } from '../../../src-shared/ipc/errors.ts'
import { toAppError } from '../app-error.ts'
import { callContext, invoice, newWorkspace, type TestConsole } from './fixture.ts'
import { forge, type ForgedFiles, type Forgery } from './forge.ts'
import { changedRows, rawRows } from './raw-rows.ts'

const good = JSON.stringify({ ...invoice, id: 'inv-1' })
const context = callContext()

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function offer(
  console: TestConsole,
  bytes: Uint8Array | string,
  purpose: 'bundle' | 'keys',
): Promise<string> {
  const name = purpose === 'bundle' ? 'may.noydb' : 'may.keys.json'
  return (await console.files.receive(onePiece(Buffer.from(bytes)), { name, purpose })).handle
}

/** Goes as far as the wizard would: header, then plan; gives the plan. */
async function planForged(console: TestConsole, { bundle, keys }: Pick<ForgedFiles, 'bundle' | 'keys'>) {
  const handle = await offer(console, bundle, 'bundle')
  const { compartments } = await console.imports.inspect(handle)
  const into = compartments.map((one) => ({
    handle: one.handle,
    newClientName: one.name ?? 'Forged',
    strategy: 'manual-queue' as const,
  }))
  return console.imports.plan(
    { bundle: handle, keys: { handle: await offer(console, keys, 'keys') }, into },
    context,
  )
}

/** The code of the refusal; fails when nothing was refused or when a row of the store changed. */
async function refusal(files: Pick<ForgedFiles, 'bundle' | 'keys'>): Promise<AppErrorCode> {
  const console = await newWorkspace()
  const before = await rawRows(console)
  const refused = await planForged(console, files).then(
    () => null,
    (error: unknown) => error,
  )
  expect(changedRows(before, await rawRows(console)), 'rows of the store').toEqual([])
  expect(refused, 'the bundle was taken').not.toBeNull()
  const { code, message } = toAppError(refused)
  expect(message).toMatch(/[a-z].*\./)
  return code
}

test('an intact bundle of another program is taken: what follows differs in one thing only', async () => {
  const console = await newWorkspace()
  const planned = await planForged(console, forge({ rows: [{ id: 'inv-1', text: good }] }))
  expect(planned.counts).toMatchObject({ insert: 1, refuse: 0 })
})

describe('a file that is not whole', () => {
  let whole: ForgedFiles
  beforeAll(() => {
    whole = forge({ rows: [{ id: 'inv-1', text: good }], compressed: true })
  })

  test.each([0, 1, 2, 3, 4])('cut at section boundary %i, and one byte before and after it', async (at) => {
    const boundary = whole.boundaries[at] ?? 0
    for (const end of [boundary - 1, boundary, boundary + 1]) {
      const code = await refusal({ ...whole, bundle: whole.bundle.subarray(0, end) })
      expect(['NOT_A_BUNDLE', 'BUNDLE_DAMAGED', 'KEY_OF_OTHER_BUNDLE']).toContain(code)
    }
  })

  test.each([0, 1, 2, 3, 4, 5])('one byte flipped in section %i', async (section) => {
    const from = whole.boundaries[section - 1] ?? 0
    const to = whole.boundaries[section] ?? whole.bundle.length
    const bundle = Uint8Array.from(whole.bundle)
    const at = from + Math.floor(Math.random() * (to - from))
    bundle[at] = (bundle[at] ?? 0) ^ 0x21
    const code = await refusal({ ...whole, bundle })
    expect([
      'NOT_A_BUNDLE',
      'BUNDLE_DAMAGED',
      'BUNDLE_TOO_NEW',
      'KEY_OF_OTHER_BUNDLE',
      'LIMIT_EXCEEDED',
    ]).toContain(code)
  })

  test('something else altogether', async () => {
    expect(await refusal({ ...whole, bundle: Buffer.from('%PDF-1.7 not a bundle at all') })).toBe(
      'NOT_A_BUNDLE',
    )
    expect(await refusal({ ...whole, bundle: new Uint8Array(0) })).toBe('NOT_A_BUNDLE')
  })

  test('a newer format', async () => {
    expect(await refusal(forge({ rows: [{ id: 'inv-1', text: good }], version: 2 }))).toBe('BUNDLE_TOO_NEW')
  })
})

describe('keys that do not fit', () => {
  const whole = forge({ rows: [{ id: 'inv-1', text: good }] })

  test('the key of another bundle', async () => {
    const other = forge({ rows: [{ id: 'inv-2', text: good }] })
    expect(await refusal({ bundle: whole.bundle, keys: other.keys })).toBe('KEY_OF_OTHER_BUNDLE')
  })

  test.each([
    ['a key file cut short', whole.keys.slice(0, -20)],
    ['a mistyped key', whole.keys.replace(/"key": "./, '"key": "0')],
    ['no key file at all', 'my secret key'],
    ['an empty file', ''],
  ])('%s', async (_what, keys) => {
    expect(await refusal({ bundle: whole.bundle, keys })).toBe('KEY_INVALID')
  })
})

describe('lengths and counts beyond the caps', () => {
  const first = (manifest: Record<string, unknown>) =>
    (manifest['compartments'] as Record<string, unknown>[])[0]
  const cases: [string, Forgery][] = [
    [
      'a compartment of four petabytes',
      { manifest: (m) => ({ ...m, compartments: [{ ...first(m), innerBytes: 2 ** 52 }] }) },
    ],
    [
      'five thousand compartments',
      {
        manifest: (m) => ({
          ...m,
          compartments: Array.from({ length: 5000 }, (_, n) => ({
            ...first(m),
            handle: `h${n}`,
            innerBytes: 0,
          })),
        }),
      },
    ],
    [
      'a manifest nested 200 deep',
      { manifest: (m) => ({ ...m, extra: JSON.parse('['.repeat(200) + ']'.repeat(200)) as unknown }) },
    ],
  ]
  test.each(cases)('%s', async (_what, forgery) => {
    const code = await refusal(forge({ rows: [{ id: 'inv-1', text: good }], ...forgery }))
    expect(['BUNDLE_DAMAGED', 'LIMIT_EXCEEDED']).toContain(code)
  })

  test('a body of kilobytes that inflates to more than the cap', async () => {
    const bomb = await bombBytes()
    expect(bomb.length).toBeLessThan(1024 * 1024)
    const code = await refusal(forge({ packBody: () => bomb, compressed: true }))
    expect(['BUNDLE_DAMAGED', 'LIMIT_EXCEEDED']).toContain(code)
  })

  test('a manifest length of four gigabytes', async () => {
    const { bundle, keys } = forge({ rows: [{ id: 'inv-1', text: good }] })
    const grown = Buffer.from(bundle)
    grown.writeUInt32BE(0xffff_fff0, 6)
    expect(['BUNDLE_DAMAGED', 'LIMIT_EXCEEDED']).toContain(await refusal({ bundle: grown, keys }))
  })
})

describe('records that must not come in', () => {
  const deep = `{"id":"x","a":${'['.repeat(200)}${']'.repeat(200)}}`
  test.each([
    ['an own __proto__ key', [{ id: 'inv-1', text: '{"id":"inv-1","__proto__":{"polluted":true}}' }]],
    ['an own __proto__ key further in', [{ id: 'inv-1', text: '{"id":"inv-1","a":[{"__proto__":1}]}' }]],
    ['JSON 200 deep', [{ id: 'x', text: deep }]],
    ['an id of 513 bytes', [{ id: 'é'.repeat(256) + 'x', text: good }]],
    ['a record that is not JSON', [{ id: 'inv-1', text: '{"id":' }]],
  ])('%s', async (_what, rows) => {
    expect(['BUNDLE_DAMAGED', 'LIMIT_EXCEEDED', 'TAMPERED']).toContain(await refusal(forge({ rows })))
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  test('slashes, emoji and ids of 512 bytes come in', async () => {
    const console = await newWorkspace()
    const ids = ['2026/05/inv 1', '🧾-🧾', 'é'.repeat(256), 'constructor', '../../etc/passwd']
    const rows = ids.map((id) => ({ id, text: JSON.stringify({ ...invoice, id, number: id.slice(0, 20) }) }))
    const { planId, counts } = await planForged(console, forge({ rows }))
    expect(counts).toMatchObject({ insert: ids.length, refuse: 0 })
    const receipt = await console.imports.apply({ planId, exclude: [] }, context)
    const vaultId = receipt.perVault[0]?.vault ?? ''
    for (const id of ids) {
      expect((await console.clients.record({ vaultId, collection: 'invoices', id })).record).toMatchObject({
        id,
      })
    }
  })

  test('a row that breaks the schema blocks the import until it is left out by name', async () => {
    const console = await newWorkspace()
    const bad = JSON.stringify({ ...invoice, id: 'inv-2', total: 'a lot' })
    const planned = await planForged(
      console,
      forge({
        rows: [
          { id: 'inv-1', text: good },
          { id: 'inv-2', text: bad },
        ],
      }),
    )
    expect(planned.counts).toMatchObject({ insert: 1, refuse: 1 })
    expect(planned.refused[0]).toMatchObject({ id: 'inv-2', fault: { path: 'total' } })
    const before = await rawRows(console)
    const blocked = console.imports.apply({ planId: planned.planId, exclude: [] }, context)
    await expect(blocked).rejects.toMatchObject({ code: 'ROWS_REFUSED' })
    expect(changedRows(before, await rawRows(console))).toEqual([])
    const exclude = planned.refused.map(({ vault, collection, id }) => ({ vault, collection, id }))
    const receipt = await console.imports.apply({ planId: planned.planId, exclude }, context)
    expect(receipt.excluded).toMatchObject([{ id: 'inv-2' }])
    expect(receipt.counts).toMatchObject({ insert: 1 })
  })
})

test('the same bundle twice says when it came, and changes nothing', async () => {
  const console = await newWorkspace()
  const files = forge({ rows: [{ id: 'inv-1', text: good }] })
  const { planId } = await planForged(console, files)
  const { importId } = await console.imports.apply({ planId, exclude: [] }, context)
  const before = await rawRows(console)
  const header = await console.imports.inspect(await offer(console, files.bundle, 'bundle'))
  expect(header.alreadyImported).toMatchObject({ importId })
  await expect(planForged(console, files)).rejects.toMatchObject({ code: 'ALREADY_IMPORTED' })
  expect(changedRows(before, await rawRows(console))).toEqual([])
})

test('a bundle of an older template is brought up to ours, and refused whole where a record cannot be', async () => {
  const console = await newWorkspace()
  const { freight: _freight, total: _total, lines: _lines, currency: _currency, ...rest } = invoice
  const line = { lineNo: 1, description: 'Chai', quantity: '2', unitPrice: '14.00', amount: '28.00' }
  const older = { ...rest, id: 'inv-1', lines: [line], total: '28.00' }
  const asOf = (version: number, record: object) =>
    forge({
      rows: [{ id: 'inv-1', text: JSON.stringify(record) }],
      manifest: (m) => {
        const [first] = m['compartments'] as object[] // as the forgery made it
        return { ...m, compartments: [{ ...first, template: { name: 'client-accounting', version } }] }
      },
    })
  const planned = await planForged(console, asOf(1, older))
  expect(planned.counts).toMatchObject({ insert: 1, refuse: 0 })
  const { perVault } = await console.imports.apply({ planId: planned.planId, exclude: [] }, context)
  const vaultId = perVault[0]?.vault ?? ''
  const { record } = await console.clients.record({ vaultId, collection: 'invoices', id: 'inv-1' })
  expect(record).toMatchObject({ total: 2800, currency: 'EUR', lines: [{ amount: 2800 }] })
  expect(await refusal(asOf(1, { ...older, total: 'a lot' }))).toBe('ROWS_REFUSED')
  expect(await refusal(asOf(9, older))).toBe('BUNDLE_TOO_NEW')
})

/** A small body that inflates to more than the cap. */
async function bombBytes(): Promise<Buffer> {
  const piece = Buffer.alloc(1024 * 1024)
  const pieces = Math.ceil(limits.bundleExpandedBytes / piece.length) + 1
  const zeros = Readable.from(Array.from({ length: pieces }, () => piece))
  const packer = createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })
  const packed: Buffer[] = []
  for await (const chunk of zeros.pipe(packer) as AsyncIterable<Buffer>) packed.push(chunk)
  return Buffer.concat(packed)
}
