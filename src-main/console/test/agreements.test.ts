/** Two offices agree on what leaves a client, exchange it both ways, and change their minds. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { TermsInput } from '../../../src-shared/ipc/agreement-views.ts'
import type { FileRef } from '../../../src-shared/ipc/common.ts'
import type { FilePurpose } from '../../../src-shared/ipc/system.ts'
import { deskOf, setOutbox } from '../agreements/desk.ts'
import { callContext, invoice, newWorkspace, passphrase, type TestConsole } from './fixture.ts'

const day = 24 * 60 * 60 * 1000
const context = callContext()
const plain = { form: 'file' as const }
const terms: TermsInput = {
  slice: [{ name: 'invoices', fields: ['number', 'customerName', 'total'] }],
  direction: 'both',
  strategy: 'three-way',
  cadenceMs: 7 * day,
  expiresAt: null,
}

/** A file of one office in the hands of the other. */
async function hand(
  from: TestConsole,
  to: TestConsole,
  { handle }: FileRef,
  purpose: FilePurpose = 'agreement',
): Promise<string> {
  const { name, bytes } = await from.files.read(handle)
  async function* pieces() {
    yield bytes
  }
  return (await to.files.receive(pieces(), { name, purpose })).handle
}

async function fingerprintOf({ workspace }: TestConsole): Promise<string> {
  return (await workspace.status()).fingerprint ?? ''
}

async function save(console: TestConsole, vaultId: string, id: string, change: object): Promise<void> {
  const key = { vaultId, collection: 'invoices', id }
  const before = await console.clients.record(key).catch(() => null)
  const record = { ...(before?.record ?? invoice), ...change }
  await console.clients.saveRecord({ ...key, record, expectedVersion: before?.version ?? 0 })
}

interface Office extends TestConsole {
  readonly vaultId: string
}

async function office(firmName: string, clock?: () => number): Promise<Office> {
  const console = await newWorkspace(firmName, { clock })
  const { vaultId } = await console.clients.create({ name: 'Chevalier', key: 'VINET' })
  return Object.assign(console, { vaultId })
}

/** The firm proposes, the bookkeeper countersigns; both have both files. */
async function agreed(firm: Office, books: Office, changed: Partial<TermsInput> = {}): Promise<string> {
  const asked = await firm.agreements.propose({
    vaultId: firm.vaultId,
    party: 'Harbour Bookkeeping',
    terms: { ...terms, ...changed },
    answerBy: null,
  })
  const fingerprint = await fingerprintOf(firm)
  await books.agreements.take({
    handle: await hand(firm, books, asked.file),
    fingerprint,
    vaultId: undefined,
  })
  const answer = await books.agreements.decide({
    id: asked.id,
    decision: { kind: 'agree' },
    vaultId: books.vaultId,
  })
  const handle = await hand(books, firm, answer.file)
  await firm.agreements.take({ handle, fingerprint: await fingerprintOf(books), vaultId: undefined })
  return asked.id
}

async function deliver(from: Office, to: Office, id: string) {
  const made = await from.agreements.export({ id, key: plain, full: false }, context)
  return {
    made,
    handle: await hand(from, to, made.bundle),
    keys: { handle: await hand(from, to, made.keys, 'keys') },
  }
}

function exceptionsOf({ periods, vaultId }: Office) {
  return periods.exceptions({ vault: vaultId, offset: 0, limit: 10 })
}

/** Ids of agreements that a client was chosen for. */
async function chosenClients({ session }: Office): Promise<string[]> {
  return session.use(async ({ state }) => (await state.agreements.entries()).map(({ id }) => id))
}

async function record(console: Office, id: string) {
  return (await console.clients.record({ vaultId: console.vaultId, collection: 'invoices', id })).record
}

test('a proposal that cannot be made leaves no choice of a client behind', async () => {
  const firm = await office('Alder & Co')
  const slice = [{ name: 'invoices', fields: ['nonsense'] }]
  const { vaultId } = firm
  const asked = firm.agreements.propose({
    ...{ vaultId, party: 'Harbour Bookkeeping', answerBy: null },
    terms: { ...terms, slice, expiresAt: '2001-01-01T00:00:00.000Z' },
  })
  await expect(asked).rejects.toMatchObject({ code: 'BAD_INPUT' })
  expect(await firm.agreements.list()).toEqual([])
  expect(await chosenClients(firm)).toEqual([])
}, 30_000)

test('a proposal says what it is before it is taken, and a countersignature puts it in force on both sides', async () => {
  const [firm, books] = [await office('Alder & Co'), await office('Harbour Bookkeeping')]
  const asked = await firm.agreements.propose({
    vaultId: firm.vaultId,
    party: 'Harbour Bookkeeping',
    terms,
    answerBy: null,
    reason: 'as discussed in May',
  })
  expect(asked.file.name).toBe('alder-co-to-harbour-bookkeeping-propose-1.agreement.json')
  expect(await firm.agreements.list()).toMatchObject([
    { state: 'proposed', asked: 'ours', party: 'Harbour Bookkeeping', client: { name: 'Chevalier' } },
  ])
  const handle = await hand(firm, books, asked.file)
  const said = await books.agreements.examine(handle)
  expect(said).toMatchObject({
    kind: 'act',
    act: 'propose',
    party: 'Alder & Co',
    fingerprint: await fingerprintOf(firm),
    unknownKey: true,
    wantsClient: true,
    reason: 'as discussed in May',
    terms: { collections: [{ label: 'Invoices', fields: [{ name: 'customerName' }, {}, {}] }] },
  })
  expect(await books.agreements.list()).toEqual([])
  await expect(
    books.agreements.take({ handle, fingerprint: undefined, vaultId: books.vaultId }),
  ).rejects.toMatchObject({ code: 'SENDER_CHANGED' })
  expect(await chosenClients(books)).toEqual([])
  await books.agreements.take({ handle, fingerprint: await fingerprintOf(firm), vaultId: books.vaultId })
  expect(await books.agreements.list()).toMatchObject([
    { state: 'proposed', asked: 'theirs', needsAttention: true, client: { vaultId: books.vaultId } },
  ])
  const told = await books.agreements.consequences({ id: asked.id, decision: { kind: 'agree' } })
  expect(told.consequences).toEqual(['Records are exchanged from now on, as agreed.'])
  const answer = await books.agreements.decide({ id: asked.id, decision: { kind: 'agree' } })
  const back = await hand(books, firm, answer.file)
  await firm.agreements.take({ handle: back, fingerprint: await fingerprintOf(books), vaultId: undefined })
  for (const side of [firm, books]) {
    const detail = await side.agreements.get(asked.id)
    expect(detail).toMatchObject({
      state: 'agreed',
      version: 1,
      asked: null,
      canSend: true,
      canReceive: true,
    })
    expect(detail.actions).toEqual(['suspend', 'narrow', 'renew', 'withdraw'])
    expect(detail.parties.map(({ signedAt }) => signedAt === null)).toEqual([false, false])
    expect(detail.cadence.status).toBe('due')
  }
  expect((await books.agreements.file({ id: asked.id, number: 1 })).file.bytes).toBe(answer.file.bytes)
}, 30_000)

test('what leaves is shown before, arrives through a plan, comes back merged, and both logs say the same', async () => {
  const [firm, books] = [await office('Alder & Co'), await office('Harbour Bookkeeping')]
  await save(firm, firm.vaultId, '1', { number: '1' })
  const id = await agreed(firm, books)
  const draft = await firm.agreements.draft({ vaultId: firm.vaultId, slice: terms.slice })
  const before = await firm.agreements.preview({ id, full: false }, context)
  expect(before).toMatchObject({ blocked: null, base: null, records: 1, fields: 3 })
  expect({ ...draft, blocked: null }).toEqual(before)
  expect(before.withheld).toBeGreaterThan(3)
  expect(before.collections[0]).toMatchObject({
    label: 'Invoices',
    sample: [{ title: 'Invoice 1', record: { id: '1', number: '1', total: 29838 } }],
  })
  const first = await deliver(firm, books, id)
  expect(first.made).toMatchObject({ records: 1, gone: 0, sequence: 1, keyForm: 'file' })
  expect(first.made.bundle.name).toBe('alder-co-to-harbour-bookkeeping-agreement-001.noydb')
  expect(await books.agreements.examine(first.handle)).toMatchObject({
    kind: 'delivery',
    id,
    sequence: 1,
    base: null,
  })
  const plan = await books.agreements.planApply(first)
  expect(plan.refused.map(({ id: refused }) => refused)).toEqual(['1'])
  await expect(books.agreements.apply({ ...first, exclude: [] })).rejects.toMatchObject({
    code: 'ROWS_REFUSED',
  })
  await books.agreements.apply({ ...first, exclude: [{ collection: 'invoices', id: '1' }] })
  expect((await books.agreements.get(id)).exchanges).toMatchObject([{ kind: 'received', excluded: 1 }])
}, 30_000)

test('deltas of both offices merge, receipts shorten the next one, an import is undone and taken again', async () => {
  const [firm, books] = [await office('Alder & Co'), await office('Harbour Bookkeeping')]
  for (const id of ['1', '2']) {
    await save(firm, firm.vaultId, id, { number: id })
    await save(books, books.vaultId, id, { number: id })
  }
  const id = await agreed(firm, books)
  const first = await deliver(firm, books, id)
  const taken = await books.agreements.apply({ ...first, exclude: [] })
  await firm.agreements.take({
    handle: await hand(books, firm, taken.receipt),
    fingerprint: undefined,
    vaultId: undefined,
  })
  expect((await firm.agreements.get(id)).exchanges).toMatchObject([{ kind: 'sent', arrived: true }])
  await save(firm, firm.vaultId, '1', { customerName: 'Chevalier & Fils' })
  await save(books, books.vaultId, '1', { total: 29838, notes: 'theirs alone' })
  const second = await deliver(firm, books, id)
  expect(second.made).toMatchObject({ records: 1, sequence: 2 })
  expect((await books.agreements.planApply(second)).counts).toMatchObject({ updated: 1, queued: 0 })
  const { importId } = await books.agreements.apply({ ...second, exclude: [] })
  expect(await record(books, '1')).toMatchObject({ customerName: 'Chevalier & Fils', notes: 'theirs alone' })
  await expect(books.agreements.apply({ ...second, exclude: [] })).rejects.toMatchObject({
    code: 'ALREADY_IMPORTED',
  })
  const { hash } = await books.imports.planUndo(importId)
  await books.imports.undo({ importId, hash }, context)
  expect(await record(books, '1')).toMatchObject({ customerName: 'Vins et alcools Chevalier' })
  await books.agreements.apply({ ...second, exclude: [] })
  const log = await hand(books, firm, (await books.agreements.log(id)).file)
  expect(await firm.agreements.examine(log)).toMatchObject({ kind: 'log', id })
  expect(await firm.agreements.compare({ id, handle: log })).toMatchObject({ first: null })
}, 30_000)

test('a suspended one sends nothing, each lifts its own, a narrowed one sends less, a withdrawn one never again', async () => {
  const [firm, books] = [await office('Alder & Co'), await office('Harbour Bookkeeping')]
  const id = await agreed(firm, books)
  await firm.agreements.decide({ id, decision: { kind: 'suspend', reason: 'audit' } })
  expect(await firm.agreements.preview({ id, full: false }, context)).toMatchObject({
    blocked: expect.stringContaining('suspended') as string,
  })
  await expect(firm.agreements.export({ id, key: plain, full: false }, context)).rejects.toMatchObject({
    code: 'BAD_INPUT',
  })
  await firm.agreements.decide({ id, decision: { kind: 'resume' } })
  const slice = [{ name: 'invoices', fields: ['number'] }]
  const less = await firm.agreements.consequences({ id, decision: { kind: 'narrow', slice } })
  expect(less.consequences[0]).toContain('not sent any more')
  await firm.agreements.decide({ id, decision: { kind: 'narrow', slice } })
  expect(await firm.agreements.get(id)).toMatchObject({
    version: 2,
    terms: { collections: [{ fields: [{}] }] },
  })
  const ends = new Date(Date.now() + 30 * day).toISOString()
  await firm.agreements.decide({ id, decision: { kind: 'renew', expiresAt: ends } })
  expect(await firm.agreements.get(id)).toMatchObject({ asked: 'ours', pending: { by: 'ours' } })
  await firm.agreements.decide({ id, decision: { kind: 'withdraw' } })
  expect(await firm.agreements.get(id)).toMatchObject({ state: 'withdrawn', actions: [], canSend: false })
}, 30_000)

/** Two invoices on their way; the month of `in-1` is closed where they arrive. */
async function intoClosedMonth() {
  const [firm, books] = [await office('Alder & Co'), await office('Harbour Bookkeeping')]
  await save(firm, firm.vaultId, 'in-1', { number: 'IN-1' })
  await save(firm, firm.vaultId, 'in-2', { number: 'IN-2', issueDate: '2026-07-01', dueDate: '2026-07-31' })
  const whole = [{ name: 'invoices', fields: null }]
  const id = await agreed(firm, books, { slice: whole })
  await books.periods.close({
    vaultIds: [books.vaultId],
    periods: { months: [invoice.issueDate.slice(0, 7)] },
  })
  const { handle, keys } = await deliver(firm, books, id)
  return { firm, books, id, handle, keys, plan: await books.agreements.planApply({ handle, keys }) }
}

test('what would change a closed month is named, and can stay out of the books', async () => {
  const { books, handle, keys, plan } = await intoClosedMonth()
  expect(plan).toMatchObject({
    counts: { inserted: 2 },
    refused: [],
    broken: [{ collection: 'invoices', id: 'in-1', outcome: 'inserted' }],
  })
  expect(plan.broken[0]?.message).toContain('is closed for Chevalier')
  await expect(books.agreements.apply({ handle, keys, exclude: [] })).rejects.toMatchObject({
    code: 'RULES_BROKEN',
  })
  const exclude = plan.broken.map(({ collection, id: record }) => ({ collection, id: record }))
  expect((await books.agreements.apply({ handle, keys, exclude })).counts).toMatchObject({ inserted: 1 })
  expect(await record(books, 'in-2')).toMatchObject({ number: 'IN-2' })
  await expect(record(books, 'in-1')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect((await exceptionsOf(books)).rows).toEqual([])
}, 30_000)

test('with a reason a delivery is written into a closed month, and the exception says why, by whom and with what', async () => {
  const { books, id, handle, keys } = await intoClosedMonth()
  const override = 'the invoice came late'
  const { importId, counts } = await books.agreements.apply({ handle, keys, exclude: [], override })
  expect(counts).toMatchObject({ inserted: 2 })
  expect(await record(books, 'in-1')).toMatchObject({ number: 'IN-1' })
  expect((await exceptionsOf(books)).rows).toMatchObject([
    { id: 'in-1', rule: 'period-open', reason: override, command: 'merge', origin: importId },
  ])
  expect((await books.agreements.get(id)).exchanges).toMatchObject([{ kind: 'received', excluded: 0 }])
}, 30_000)

/** Two offices whose clocks the test sets, and an agreement in force between them. */
async function inTime() {
  const times = { now: Date.UTC(2026, 4, 4) }
  const clock = () => times.now
  const [firm, books] = [await office('Alder & Co', clock), await office('Harbour Bookkeeping', clock)]
  return { times, firm, books, at: (days: number) => new Date(times.now + days * day).toISOString() }
}

test('a proposal says until when it waits; unanswered it is told as such, and an answer comes too late', async () => {
  const { times, firm, books, at } = await inTime()
  const request = { vaultId: firm.vaultId, party: 'Harbour Bookkeeping', terms }
  await expect(firm.agreements.propose({ ...request, answerBy: at(-1) })).rejects.toMatchObject({
    code: 'BAD_INPUT',
  })
  const { id, file } = await firm.agreements.propose({ ...request, answerBy: at(7) })
  const handle = await hand(firm, books, file)
  expect(await books.agreements.examine(handle)).toMatchObject({ kind: 'act', answerBy: at(7) })
  await books.agreements.take({ handle, fingerprint: await fingerprintOf(firm), vaultId: books.vaultId })
  const waiting = { answer: { by: at(7), isOver: false } }
  expect(await firm.agreements.list()).toMatchObject([{ ...waiting, needsAttention: false }])
  expect(await books.agreements.list()).toMatchObject([{ ...waiting, needsAttention: true }])

  times.now += 8 * day
  const over = { state: 'proposed', answer: { isOver: true } }
  expect(await firm.agreements.list()).toMatchObject([{ ...over, asked: 'ours', needsAttention: true }])
  expect(await books.agreements.list()).toMatchObject([{ ...over, asked: 'theirs', needsAttention: false }])
  expect((await books.agreements.get(id)).actions).toEqual(['decline'])
  await expect(books.agreements.decide({ id, decision: { kind: 'agree' } })).rejects.toMatchObject({
    message: expect.stringContaining('The time for this is over.') as string,
  })
}, 30_000)

test('a renewal that nobody answered in time is asked again; an answer signed in time counts whenever it comes', async () => {
  const { times, firm, books, at } = await inTime()
  const id = await agreed(firm, books)
  const renew = { kind: 'renew' as const, expiresAt: at(300) }
  await firm.agreements.decide({ id, decision: { ...renew, answerBy: at(7) } })
  expect((await firm.agreements.get(id)).actions).not.toContain('renew')
  times.now += 8 * day
  expect((await firm.agreements.get(id)).actions).toContain('renew')
  const again = await firm.agreements.decide({ id, decision: { ...renew, answerBy: at(7) } })
  const files = await firm.session.use(async (open) => (await deskOf(open)).surfaces.files(id))
  const first = files.find(({ act }) => act.act === 'renew')
  const { file } = await firm.agreements.file({ id, number: first?.act.number ?? 0 })
  const take = async (from: Office, to: Office, ref: FileRef) =>
    to.agreements.take({ handle: await hand(from, to, ref), fingerprint: undefined, vaultId: undefined })
  await take(firm, books, file)
  await take(firm, books, again.file)
  const answer = await books.agreements.decide({ id, decision: { kind: 'agree' } })
  times.now += 30 * day
  expect((await firm.agreements.get(id)).answer).toMatchObject({ isOver: true })
  expect(await take(books, firm, answer.file)).toMatchObject({ outcome: 'applied' })
  expect(await firm.agreements.get(id)).toMatchObject({
    answer: null,
    version: 2,
    expiresAt: renew.expiresAt,
  })
}, 30_000)

test('records deleted here since they were sent are counted among what would leave now', async () => {
  const [firm, books] = [await office('Alder & Co'), await office('Harbour Bookkeeping')]
  for (const id of ['1', '2']) await save(firm, firm.vaultId, id, { number: id })
  const id = await agreed(firm, books, { slice: [{ name: 'invoices', fields: null }] })
  const { receipt } = await books.agreements.apply({ ...(await deliver(firm, books, id)), exclude: [] })
  const handle = await hand(books, firm, receipt)
  await firm.agreements.take({ handle, fingerprint: undefined, vaultId: undefined })
  expect(await firm.agreements.preview({ id, full: false }, context)).toMatchObject({ records: 0, gone: 0 })
  await firm.session.use(async (open) => (await open.vault(firm.vaultId)).collection('invoices').delete('1'))
  expect(await firm.agreements.preview({ id, full: false }, context)).toMatchObject({
    records: 0,
    gone: 1,
    collections: [{ label: 'Invoices', gone: 1, present: 1 }],
  })
  const { made, ...second } = await deliver(firm, books, id)
  expect(made).toMatchObject({ records: 0, gone: 1 })
  expect((await books.agreements.planApply(second)).counts).toMatchObject({ updated: 0, queued: 1 })
  expect((await books.agreements.apply({ ...second, exclude: [] })).counts).toMatchObject({ queued: 1 })
  const open = await books.conflicts.list({ filter: { status: 'open' }, offset: 0, limit: 9 })
  expect(open).toMatchObject({ total: 1, rows: [{ kind: 'deleted-there' }] })
  expect((await firm.agreements.get(id)).exchanges[0]).toMatchObject({ records: 0, gone: 1 })
}, 30_000)

test('contacts go alone, though invoices refer to them', async () => {
  const firm = await office('Alder & Co')
  const key = { vaultId: firm.vaultId, collection: 'contacts', id: 'c-1' }
  await firm.clients.saveRecord({ ...key, record: { company: 'Chevalier' }, expectedVersion: 0 })
  await save(firm, firm.vaultId, 'in-1', { number: 'IN-1', customerId: 'c-1' })
  const { vaultId } = firm
  const draft = (name: string) => firm.agreements.draft({ vaultId, slice: [{ name, fields: null }] })
  expect(await draft('contacts')).toMatchObject({ records: 1 })
  expect(await draft('invoices')).toMatchObject({ records: 1 })
}, 30_000)

test('while it is open, what is due is told and put into its outbox; at the lock that ends', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const times = { now: Date.UTC(2026, 4, 4) }
  const [firm, books] = [
    await office('Alder & Co', () => times.now),
    await office('Harbour Bookkeeping', () => times.now),
  ]
  const folder = mkdtempSync(join(tmpdir(), 'lobby-outbox-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  // A bundle makes the firm's key to seal to known, as any bundle of the bookkeeper does.
  const met = await books.exports.create({ party: 'Alder & Co', vaults: [books.vaultId] }, context)
  const bundle = await hand(books, firm, met.bundle, 'bundle')
  const keys = { handle: await hand(books, firm, met.keys, 'keys') }
  const [compartment] = (await firm.imports.inspect(bundle)).compartments
  const into = [{ handle: compartment?.handle ?? '', vaultId: firm.vaultId, strategy: 'three-way' as const }]
  const { planId } = await firm.imports.plan({ bundle, keys, into }, context)
  await firm.imports.apply({ planId, exclude: [] }, context)

  const id = await agreed(firm, books)
  await firm.session.use(async (open) => setOutbox(await deskOf(open), id, folder))
  await vi.advanceTimersByTimeAsync(60_000)
  await vi.waitFor(() => expect(readdirSync(folder)).toHaveLength(2))
  expect(readdirSync(folder).sort()).toEqual([
    'alder-co-to-harbour-bookkeeping-agreement-001.keys.json',
    'alder-co-to-harbour-bookkeeping-agreement-001.noydb',
  ])
  await vi.waitFor(async () =>
    expect((await firm.agreements.get(id)).cadence).toMatchObject({ status: 'waiting' }),
  )
  const [keyFile = '', delivery = ''] = readdirSync(folder).sort()
  const [handle, sealed] = [
    (await books.files.register(join(folder, delivery), 'agreement')).handle,
    (await books.files.register(join(folder, keyFile), 'keys')).handle,
  ]
  await expect(books.imports.inspect(handle)).rejects.toThrow('Take it on the screen Agreements')
  const arrived = { handle, keys: { handle: sealed } }
  expect(await books.agreements.planApply(arrived)).toMatchObject({ id, refused: [] })
  times.now += 15 * day
  expect((await firm.agreements.get(id)).cadence).toMatchObject({ status: 'late', missed: 1 })
  await firm.workspace.lock()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(readdirSync(folder)).toHaveLength(2)
  await firm.workspace.unlock(passphrase)
  await vi.waitFor(() => expect(readdirSync(folder)).toHaveLength(4))
}, 30_000)
