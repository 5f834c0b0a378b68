import { readFile } from 'node:fs/promises'
import { decodeKeyFile, encodeKeyText, keysFor, wrapKeys } from '@klum-db/lobby'
import { expect, test } from 'vitest'
import type { KeyChoice } from '../../../src-shared/ipc/exports.ts'
import { newWorkspace } from './fixture.ts'
import { context, handOver, key, onePiece, plan, save, twoOffices } from './two-offices.ts'

test('a bundle shows its sender before the key, plans without a write and makes the client when applied', async () => {
  const { firm, books, vaultId, planned, receipt, there } = await twoOffices()
  expect(planned.perVault[0]).toMatchObject({ name: 'Chevalier', isNew: true, vault: 'clients--chevalier' })
  expect(planned.counts).toMatchObject({ insert: 3, refuse: 0 })
  expect(receipt).toMatchObject({ counts: { insert: 3 }, perVault: [{ name: 'Chevalier' }] })
  expect((await books.clients.list()).map(({ name, records }) => [name, records])).toEqual([['Chevalier', 3]])
  expect((await firm.clients.list())[0]?.lastExportAt).not.toBeNull()
  await save(books, there, 'inv-9', { number: '9' })
  const back = await handOver(books, firm, 'Alder & Co', [there])
  const view = await firm.imports.inspect(back.bundle)
  expect(view).toMatchObject({
    sender: { state: 'unknown', sequenceState: 'first', party: 'Harbour Bookkeeping', sequence: 1 },
    compartments: [{ name: 'Chevalier', records: 4, suggestedVaultId: vaultId }],
    alreadyImported: null,
  })
})

test('planning a new client writes nothing, and discarding the plan leaves nothing', async () => {
  const firm = await newWorkspace('Alder & Co')
  const books = await newWorkspace('Harbour Bookkeeping')
  const { vaultId } = await firm.clients.create({ name: 'Chevalier', key: 'VINET' })
  await save(firm, vaultId, 'inv-1', {})
  const handed = await handOver(firm, books, 'Harbour Bookkeeping', [vaultId])
  const before = await books.session.current?.store.listVaults?.()
  const planned = await plan(books, handed, { newClientName: 'Chevalier' })
  const { rows } = await books.imports.planRows({ planId: planned.planId, offset: 0, limit: 10 })
  expect(rows).toMatchObject([{ title: 'Invoice 10248', outcome: 'insert', vaultName: 'Chevalier' }])
  expect(await books.session.current?.store.listVaults?.()).toEqual(before)
  await books.imports.discard(planned.planId)
  const gone = books.imports.apply({ planId: planned.planId, exclude: [] }, context)
  await expect(gone).rejects.toMatchObject({ code: 'PLAN_GONE' })
  expect(await books.clients.list()).toEqual([])
})

test('edits of both sides are merged, or queued, decided, and undone', async () => {
  const { firm, books, vaultId, there } = await twoOffices()
  await save(firm, vaultId, 'inv-1', { freight: 3238 + 100, total: 29938 })
  await save(books, there, 'inv-1', { freight: 3238 + 200, total: 30038, shipName: 'Back door' })
  await save(firm, vaultId, 'inv-2', { notes: 'ours' })
  await save(books, there, 'inv-2', { dueDate: '2026-07-01' })
  await save(books, there, 'inv-4', { number: '4' })
  const handed = await handOver(books, firm, 'Alder & Co', [there])
  const planned = await plan(firm, handed, { vaultId })
  expect(planned.counts).toMatchObject({ insert: 1, merge: 1, queue: 1, equal: 1 })
  const receipt = await firm.imports.apply({ planId: planned.planId, exclude: [] }, context)
  const merged = (await firm.clients.record(key(vaultId, 'inv-2'))).record
  expect(merged).toMatchObject({ notes: 'ours', dueDate: '2026-07-01' })

  const counts = await firm.conflicts.counts()
  expect(counts).toMatchObject({ open: 1, byVault: [{ name: 'Chevalier', open: 1 }] })
  expect(counts.byField.map(({ label }) => label)).toEqual(expect.arrayContaining(['Freight', 'Total']))
  const { rows } = await firm.conflicts.list({ filter: { status: 'open' }, offset: 0, limit: 50 })
  expect(rows).toMatchObject([{ title: 'Invoice 1', kind: 'edited-by-both', party: 'Harbour Bookkeeping' }])
  expect(rows[0]?.fields).toEqual(['Freight', 'Total', 'Ship to']) // also the one that only they changed
  const byField = await firm.conflicts.list({
    filter: { status: 'open', field: 'shipName' },
    offset: 0,
    limit: 50,
  })
  expect(byField.total).toBe(1)
  const [row] = rows
  if (row === undefined) throw new Error('no conflict')
  const ref = { vault: row.vault, collection: row.collection, conflictId: row.conflictId }
  const detail = await firm.conflicts.get(ref)
  expect(detail.explanation).toMatch(/^You and Harbour Bookkeeping both changed Freight and Total since /)
  expect(detail.explanation).toMatch(/You \(Anna Berger\): /)
  const changed = detail.fields.filter(({ changedBy }) => changedBy !== 'none')
  expect(changed.map(({ path, changedBy }) => [path, changedBy])).toEqual([
    ['freight', 'both'],
    ['total', 'both'],
    ['shipName', 'theirs'],
  ])
  expect(detail.fields.map(({ path }) => path)).toContain('lines.2.quantity')
  expect(detail).toMatchObject({ currency: 'EUR', baseKnown: true, moved: false })

  const resolution = {
    kind: 'fields' as const,
    picks: {
      freight: { pick: 'theirs' as const },
      total: { pick: 'theirs' as const },
      shipName: { pick: 'custom' as const, value: 'Front door' },
    },
  }
  const preview = await firm.conflicts.preview({ ref, resolution })
  expect(preview).toMatchObject({
    issues: [],
    result: { freight: 3438, total: 30038, shipName: 'Front door' },
  })
  const expected = { expectRowVersion: detail.rowVersion, expectRecordVersion: detail.recordVersion }
  const decided = await firm.conflicts.decide({ ref, resolution, reason: 'by phone', ...expected })
  expect(decided).toMatchObject({ decided: 1, remaining: 0 })
  const after = await firm.conflicts.get(ref)
  expect(after).toMatchObject({ ours: detail.ours, explanation: detail.explanation })
  expect(after.fields).toEqual(detail.fields)
  expect((await firm.clients.record(key(vaultId))).record).toEqual(preview.result)
  await expect(firm.conflicts.decide({ ref, resolution, ...expected })).rejects.toMatchObject({
    code: 'CONFLICT_CLOSED',
  })
  expect(await firm.conflicts.undo(decided.batchId)).toEqual({ undone: 1, remaining: 1 })
  expect((await firm.clients.record(key(vaultId))).record).toMatchObject({ freight: 3338 })

  const undo = await firm.imports.planUndo(receipt.importId)
  expect(undo).toMatchObject({ restore: 1, remove: 1, withdraw: 1, refused: [] })
  await firm.imports.undo({ importId: receipt.importId, hash: undo.hash }, context)
  expect((await firm.imports.list())[0]).toMatchObject({ status: 'undone', openConflicts: 0 })
  const again = await plan(firm, handed, { vaultId })
  expect(again.counts).toMatchObject(planned.counts)
  expect((await firm.activity.verify(undefined, context)).every(({ ok }) => ok)).toBe(true)
})

test('conflicts alike are decided by one rule, as previewed', async () => {
  const { firm, books, vaultId, there } = await twoOffices()
  for (const id of ['inv-1', 'inv-2', 'inv-3']) {
    await save(firm, vaultId, id, { freight: 1 })
    await save(books, there, id, id === 'inv-3' ? { freight: 2, shipName: 'x' } : { freight: 2 })
  }
  await save(firm, vaultId, 'inv-3', { shipName: 'y' })
  const planned = await plan(firm, await handOver(books, firm, 'Alder & Co', [there]), { vaultId })
  await firm.imports.apply({ planId: planned.planId, exclude: [] }, context)
  const request = {
    filter: { status: 'open' as const },
    rule: { take: 'theirs' as const, onlyFields: ['freight'] },
  }
  const preview = await firm.conflicts.previewMany(request, context)
  expect(preview).toMatchObject({ matching: 2, left: 1 })
  expect(preview.sample.map(({ title }) => title).sort()).toEqual(['Invoice 1', 'Invoice 2'])
  const stale = firm.conflicts.decideMany({ ...request, hash: 'f'.repeat(64) }, context)
  await expect(stale).rejects.toMatchObject({ code: 'PLAN_STALE' })
  const receipt = await firm.conflicts.decideMany({ ...request, hash: preview.hash }, context)
  expect(receipt).toMatchObject({ decided: 2, remaining: 1 })
  expect((await firm.clients.record(key(vaultId))).record).toMatchObject({ freight: 2 })
  expect((await firm.conflicts.undo(receipt.batchId)).remaining).toBe(3)
})

test('what cannot be imported is refused with its own code, and nothing is written', async () => {
  const { firm, books, vaultId, there } = await twoOffices()
  await save(books, there, 'inv-7', { number: '7' })
  const handed = await handOver(books, firm, 'Alder & Co', [there])
  const refuse = async (bytes: Uint8Array, name = 'x.noydb') =>
    (await firm.files.receive(onePiece(bytes), { name, purpose: 'bundle' })).handle
  const { bytes } = await firm.files.read(handed.bundle)

  const letter = await refuse(Buffer.from('Dear colleague, please find enclosed'))
  await expect(firm.imports.inspect(letter)).rejects.toMatchObject({ code: 'NOT_A_BUNDLE' })
  const flipped = Uint8Array.from(bytes)
  flipped[flipped.length - 50] = (flipped[flipped.length - 50] ?? 0) ^ 1
  await expect(firm.imports.inspect(await refuse(flipped))).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' })
  const cut = await refuse(bytes.subarray(0, bytes.length - 10))
  await expect(firm.imports.inspect(cut)).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' })

  const other = await handOver(books, firm, 'Alder & Co', [there])
  const mixed = plan(firm, { ...handed, keys: other.keys }, { vaultId })
  await expect(mixed).rejects.toMatchObject({ code: 'KEY_OF_OTHER_BUNDLE' })
  const noKeys = plan(firm, { ...handed, keys: { handle: letter } }, { vaultId })
  await expect(noKeys).rejects.toMatchObject({ code: 'KEY_INVALID' })

  const planned = await plan(firm, handed, { vaultId })
  await save(firm, vaultId, 'inv-7', { number: '7', notes: 'made here meanwhile' })
  const stale = firm.imports.apply({ planId: planned.planId, exclude: [] }, context)
  await expect(stale).rejects.toMatchObject({ code: 'PLAN_STALE' })
  expect(await firm.imports.list()).toEqual([])

  const fresh = await plan(firm, handed, { vaultId })
  await firm.imports.apply({ planId: fresh.planId, exclude: [] }, context)
  await expect(plan(firm, handed, { vaultId })).rejects.toMatchObject({ code: 'ALREADY_IMPORTED' })
  expect((await firm.imports.inspect(handed.bundle)).alreadyImported).not.toBeNull()
})

test('keys may be typed, or come under a passphrase; a mistyped group is named', async () => {
  const { firm, books, vaultId, there } = await twoOffices()
  const handed = await handOver(books, firm, 'Alder & Co', [there])
  const [container, file] = [await firm.files.read(handed.bundle), await firm.files.read(handed.keys.handle)]
  const { exchangeId, ...rest } = decodeKeyFile(file.bytes)
  const keys = keysFor({ exchangeId, ...rest }, container.bytes)
  const typed = encodeKeyText(keys)
  const planWith = (given: { text: string; passphrase?: string }) =>
    plan(firm, { bundle: handed.bundle, keys: given }, { vaultId })
  expect((await planWith({ text: typed.toLowerCase() })).counts).toMatchObject({ equal: 3 })
  const slip = typed.split(/\s+/).with(3, 'AAAAA').join(' ')
  const refused = { code: 'KEY_MISTYPED', details: { groups: [4] } }
  await expect(planWith({ text: slip })).rejects.toMatchObject(refused)

  const kdf = { memoryKiB: 8, passes: 1, parallelism: 1 }
  const passphrase = 'said on the telephone'
  const text = await wrapKeys({ exchangeId, container: container.bytes, keys }, passphrase, { kdf })
  expect((await planWith({ text, passphrase })).counts).toMatchObject({ equal: 3 })
  await expect(planWith({ text, passphrase: 'heard it wrong' })).rejects.toMatchObject({
    code: 'KEY_PASSPHRASE_WRONG',
  })
})

test('keys travel as the sender says: in a file, under a passphrase, typed, or sealed to the recipient', async () => {
  const { firm, books, vaultId, there } = await twoOffices()
  const known = await books.exports.recipient('Alder & Co')
  expect([known.fingerprint?.slice(4, 5), known.takesSealedKeys]).toEqual([' ', true])
  expect(await firm.exports.recipient('Harbour Bookkeeping')).toEqual({
    fingerprint: null,
    takesSealedKeys: false,
  })
  const passphrase = 'said on the telephone'
  const back = (key: KeyChoice) => handOver(books, firm, 'Alder & Co', [there], key)
  const handed = {
    file: await back({ form: 'file' }),
    sealed: await back({ form: 'sealed' }),
    text: await back({ form: 'text' }),
    wrapped: await back({ form: 'wrapped', passphrase }),
  }
  for (const [form, { bundle, keys }] of Object.entries(handed)) {
    expect(await firm.imports.keyForm(keys.handle)).toEqual({ form })
    const given = form === 'wrapped' ? { ...keys, passphrase } : keys
    expect((await plan(firm, { bundle, keys: given }, { vaultId })).counts).toMatchObject({ equal: 3 })
  }
  const kept = await handOver(books, books, 'Alder & Co', [there], { form: 'sealed' })
  const elsewhere = plan(books, kept, { vaultId: there })
  await expect(elsewhere).rejects.toMatchObject({ code: 'KEY_FOR_OTHERS' })
  const untold = plan(firm, handed.wrapped, { vaultId })
  await expect(untold).rejects.toMatchObject({ code: 'KEY_PASSPHRASE_WRONG' })
}, 60_000)

test('keys that could not be given to anybody make no bundle, and use up no number', async () => {
  const { firm, vaultId } = await twoOffices()
  const create = (vaults: string[], key: KeyChoice) =>
    firm.exports.create({ party: 'Nobody we know', vaults, key }, context)
  await expect(create([vaultId], { form: 'sealed' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const many = [vaultId]
  for (let at = 0; at < 16; at += 1)
    many.push((await firm.clients.create({ name: `Client ${at}`, key: `C${at}` })).vaultId)
  await expect(create(many, { form: 'text' })).rejects.toMatchObject({ code: 'BAD_INPUT' })
  const made = await create(many.slice(0, 16), { form: 'text' })
  expect(made.sequence).toBe(1)
  expect(made.keyText?.split(/\s+/)).toHaveLength(16 * 14)
  expect(made.keys.name).toMatch(/\.key\.txt$/)
}, 60_000)

test('another key, and a message out of order, are taken only where a person says so', async () => {
  const { firm, books, vaultId, there } = await twoOffices()
  const early = await handOver(books, firm, 'Alder & Co', [there])
  await save(books, there, 'inv-8', { number: '8' })
  const late = await handOver(books, firm, 'Alder & Co', [there])
  const first = await plan(firm, late, { vaultId })
  await firm.imports.apply({ planId: first.planId, exclude: [] }, context)

  const passed = await plan(firm, early, { vaultId })
  const apply = (planId: string, accepted: object = {}) =>
    firm.imports.apply({ planId, exclude: [], ...accepted }, context)
  await expect(apply(passed.planId)).rejects.toMatchObject({ code: 'SEQUENCE_REFUSED' })
  await expect(apply(passed.planId, { acceptChangedSender: true })).rejects.toMatchObject({
    code: 'SEQUENCE_REFUSED',
  })
  await apply(passed.planId, { acceptSequence: true })

  const other = await newWorkspace('Harbour Bookkeeping')
  const own = await other.clients.create({ name: 'Chevalier', key: 'VINET' })
  await save(other, own.vaultId, 'inv-9', { number: '9' })
  for (let sent = 0; sent < 2; sent += 1) await handOver(other, firm, 'Alder & Co', [own.vaultId])
  const claimed = await plan(firm, await handOver(other, firm, 'Alder & Co', [own.vaultId]), { vaultId })
  expect(claimed.sender).toMatchObject({ state: 'changed', sequenceState: 'fork' })
  await expect(apply(claimed.planId, { acceptSequence: true })).rejects.toMatchObject({
    code: 'SENDER_CHANGED',
  })
  expect(await firm.imports.list()).toHaveLength(2)
  await apply(claimed.planId, { acceptSequence: true, acceptChangedSender: true })
})

test('an answer meets its base, whatever name the bundle was addressed to', async () => {
  const firm = await newWorkspace('Alder & Co')
  const books = await newWorkspace('Desk 2 Bookkeeping')
  const { vaultId } = await firm.clients.create({ name: 'Chevalier', key: 'VINET' })
  for (const id of ['inv-1', 'inv-2']) await save(firm, vaultId, id, {})
  const sent = await plan(books, await handOver(firm, books, 'Desk 2', [vaultId]), {
    newClientName: 'Chevalier',
  })
  const { perVault } = await books.imports.apply({ planId: sent.planId, exclude: [] }, context)
  const there = perVault[0]?.vault ?? ''
  await handOver(firm, books, 'Desk 2', [vaultId]) // a later message does not make the answer a stranger's
  await save(books, there, 'inv-1', { notes: 'theirs' })
  await save(firm, vaultId, 'inv-1', { shipName: 'ours' })
  const back = await plan(firm, await handOver(books, firm, 'Alder & Co', [there]), { vaultId })
  expect(back.sender).toMatchObject({ party: 'Desk 2 Bookkeeping' })
  expect(back.counts).toMatchObject({ merge: 1, equal: 1, queue: 0 })
  await firm.imports.apply({ planId: back.planId, exclude: [] }, context)
  expect(await firm.imports.list()).toMatchObject([{ party: 'Desk 2' }])

  const stranger = await newWorkspace('Mallory')
  const made = await stranger.clients.create({ name: 'Chevalier', key: 'VINET' })
  await save(stranger, made.vaultId, 'inv-1', { notes: 'x' })
  const foreign = await plan(firm, await handOver(stranger, firm, 'Alder & Co', [made.vaultId]), { vaultId })
  expect(foreign.counts).toMatchObject({ queue: 1, merge: 0 })
})

test('an undo that changed since it was shown is stale, not refused', async () => {
  const { books, there, receipt } = await twoOffices()
  const shown = await books.imports.planUndo(receipt.importId)
  await save(books, there, 'inv-1', { notes: 'edited meanwhile' })
  const undo = books.imports.undo({ importId: receipt.importId, hash: shown.hash }, context)
  await expect(undo).rejects.toMatchObject({ code: 'PLAN_STALE' })
})

test('a saved key file is the one that opens its bundle, and stays out of reach of others', async () => {
  const firm = await newWorkspace('Alder & Co', { saveFile: async (name) => `${firm.folder}/${name}` })
  const { vaultId } = await firm.clients.create({ name: 'Chevalier', key: 'VINET' })
  await save(firm, vaultId, 'inv-1', {})
  const made = await firm.exports.create({ party: 'Harbour Bookkeeping', vaults: [vaultId] }, context)
  expect(made.bundle.name).toBe('alder-co-to-harbour-bookkeeping-001.noydb')
  const { path } = await firm.files.save(made.keys.handle)
  expect(JSON.parse(await readFile(path ?? '', 'utf8'))).toMatchObject({ noydbKeys: 1 })
})
