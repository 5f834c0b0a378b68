/** Receipts of decisions as a person meets them: what they say, who signed, whether the trail agrees, and a changed byte. */
import { expect, test } from 'vitest'
import type { TestConsole } from './fixture.ts'
import { context, handOver, onePiece, plan, save, twoOffices } from './two-offices.ts'

/** The firm decided one conflict with what the bookkeeper sent. */
async function decided() {
  const offices = await twoOffices()
  const { firm, books, vaultId, there } = offices
  await save(firm, vaultId, 'inv-1', { shipName: 'Ours' })
  await save(books, there, 'inv-1', { shipName: 'Theirs' })
  const planned = await plan(firm, await handOver(books, firm, 'Alder & Co', [there]), { vaultId })
  const { importId } = await firm.imports.apply({ planId: planned.planId, exclude: [] }, context)
  const [row] = (await firm.conflicts.list({ filter: { status: 'open' }, offset: 0, limit: 1 })).rows
  if (row === undefined) throw new Error('no conflict')
  const ref = { vault: row.vault, collection: row.collection, conflictId: row.conflictId }
  const { rowVersion, recordVersion } = await firm.conflicts.get(ref)
  const resolution = { kind: 'fields' as const, picks: { shipName: { pick: 'theirs' as const } } }
  const seen = { expectRowVersion: rowVersion, expectRecordVersion: recordVersion }
  await firm.conflicts.decide({ ref, resolution, reason: 'by phone', ...seen })
  return { ...offices, importId }
}

async function receiptOf(
  firm: TestConsole,
  scope: Parameters<TestConsole['receipts']['create']>[0]['scope'],
) {
  const { file, decisions } = await firm.receipts.create({ scope }, context)
  return { decisions, bytes: file === null ? null : (await firm.files.read(file.handle)).bytes }
}

async function check(at: TestConsole, bytes: Uint8Array) {
  const { handle } = await at.files.receive(onePiece(bytes), { name: 'r.json', purpose: 'receipt' })
  return at.receipts.check(handle, context)
}

test('says who decided what, when and why, and that signature and trail hold', async () => {
  const { firm, books, vaultId, importId } = await decided()
  const { bytes } = await receiptOf(firm, { kind: 'import', importId })
  if (bytes === null) throw new Error('no receipt')
  const own = await check(firm, bytes)
  expect(own).toMatchObject({
    party: 'Alder & Co',
    signer: 'own',
    imports: [{ party: 'Harbour Bookkeeping', undone: false }],
    chains: [{ vaultName: 'Chevalier', state: 'holds' }],
    total: 1,
    decisions: [
      {
        vaultName: 'Chevalier',
        title: 'Invoice 1',
        choice: 'fields',
        picks: [{ label: 'Ship to', pick: 'theirs' }],
        party: 'Harbour Bookkeeping',
        actor: 'Anna Berger',
        reason: 'by phone',
        before: 2,
        after: 3,
      },
    ],
  })
  // The bookkeeper took a bundle of the firm, so their key is known there; the firm's client is not.
  const theirs = await check(books, bytes)
  expect(theirs).toMatchObject({ signer: 'known', chains: [{ state: 'not-here' }] })
  expect(theirs.decisions[0]).toMatchObject({ actor: 'Alder & Co', title: 'inv-1' })
  await save(firm, vaultId, 'inv-3', { notes: 'later' })
  expect((await check(firm, bytes)).chains).toMatchObject([{ state: 'holds' }])
})

test('covers a client or a period, and is no file where nothing was decided', async () => {
  const { firm, vaultId } = await decided()
  const now = Date.now()
  const at = (days: number): string => new Date(now + days * 86_400_000).toISOString()
  const within = await receiptOf(firm, { kind: 'queue', vault: vaultId, from: at(-1), until: at(1) })
  expect(within.decisions).toBe(1)
  expect(await receiptOf(firm, { kind: 'queue', until: at(-1) })).toEqual({ decisions: 0, bytes: null })
  await expect(receiptOf(firm, { kind: 'import', importId: 'none' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
})

test('is refused in the same words whichever byte was changed', async () => {
  const { firm, importId } = await decided()
  const { bytes } = await receiptOf(firm, { kind: 'import', importId })
  if (bytes === null) throw new Error('no receipt')
  const text = Buffer.from(bytes).toString()
  const changes = [
    text.replace('by phone', 'by phonE'),
    text.replace('"choice":"fields"', '"choice":"closed"'),
    text.replace('"payload"', '"payloaD"'),
    `${text} `,
  ]
  for (const changed of changes) {
    await expect(check(firm, Buffer.from(changed))).rejects.toMatchObject({
      code: 'RECEIPT_INVALID',
      message: expect.stringMatching(/^This is no receipt, or it was changed after it was signed/) as unknown,
    })
  }
})
