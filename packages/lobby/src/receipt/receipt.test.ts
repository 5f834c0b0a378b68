import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Noydb } from '@noy-db/hub'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { canonical, hashOf, isSigned, sign, takeApart } from '../../test/formats/receipt.ts'
import { exportBundle } from '../exchange/export-bundle.ts'
import { contents, fill, openOffice } from '../fixture-office.ts'
import { newKeyPair } from '../identity/keys.ts'
import { ownIdentity } from '../identity/own-identity.ts'
import { applyImport } from '../import/apply.ts'
import { planImport } from '../import/plan.ts'
import { undoImport, planUndo } from '../import/undo.ts'
import { openConflictQueue, type ConflictQueue } from '../queue/conflict-queue.ts'
import type { Resolution } from '../queue/types.ts'
import { exportReceipt } from './export-receipt.ts'
import { receiptLimits } from './format.ts'
import { verifyReceipt } from './verify.ts'

let client: Noydb
let firm: Noydb
let queue: ConflictQueue
let importId: string

async function edit(db: Noydb, vault: string, id: string, change: object): Promise<void> {
  const partners = (await db.openVault(vault)).collection<object>('partners')
  await partners.put(id, { ...(await partners.get(id)), ...change })
}

async function exchange(): Promise<string> {
  const { container, keys } = await exportBundle(client, { party: 'firm', vaults: [{ vault: 'books' }] })
  const [handle = ''] = Object.keys(keys)
  const plan = await planImport(firm, { container, keys, into: { [handle]: 'acme' }, strategy: 'three-way' })
  return (await applyImport(firm, plan)).importId
}

/** Three partners, the city of each changed at both sides. */
beforeEach(async () => {
  client = await openOffice('client')
  firm = await openOffice('firm')
  await ownIdentity(client, { party: 'Harbour Bookkeeping' })
  await ownIdentity(firm, { party: 'Alder & Co' })
  await fill(client, 'books', {
    partners: { p1: { city: 'Bern' }, p2: { city: 'Chur' }, p3: { city: 'Sion' } },
  })
  await firm.openVault('acme')
  await exchange()
  for (const id of ['p1', 'p2', 'p3']) {
    await edit(client, 'books', id, { city: 'Basel' })
    await edit(firm, 'acme', id, { city: 'Uri', note: 'ours' })
  }
  importId = await exchange()
  queue = await openConflictQueue(firm)
})

async function decide(recordId: string, resolution: Resolution, reason?: string): Promise<string> {
  const { rows } = await queue.list({ status: 'open' })
  const ref = rows.find((row) => row.recordId === recordId)
  if (ref === undefined) throw new Error(`no open conflict of ${recordId}`)
  const view = await queue.get(ref)
  const versions = { expectRowVersion: view.rowVersion, expectRecordVersion: view.currentVersion }
  return (await queue.decide(ref, resolution, { ...versions, ...(reason !== undefined && { reason }) }))
    .batchId
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}

/** Signed again by whoever changed it, so that nothing but the change can be refused. */
async function forged(
  bytes: Uint8Array,
  change: (payload: Record<string, unknown>) => void,
): Promise<Buffer> {
  const { publicKey, privateKey } = newKeyPair()
  const payload = JSON.parse(takeApart(text(bytes)).payload) as Record<string, unknown> // made just before
  payload['signer'] = { party: 'Alder & Co', publicKey }
  change(payload)
  return Buffer.from(await sign(canonical(payload), privateKey))
}

describe('a receipt', () => {
  it('says who decided what, from which versions, why and when, and out of which import', async () => {
    await decide('p1', { kind: 'theirs' }, 'confirmed by phone')
    const custom = {
      kind: 'fields',
      picks: { note: { pick: 'ours' }, city: { pick: 'custom', value: 'Zug' } },
    } as const
    await decide('p2', custom)
    const { bytes, decisions, sha256 } = await exportReceipt(firm, { kind: 'queue' })
    const { receipt, ...proof } = verifyReceipt(bytes)
    const { encryptionKey: _other, ...identity } = await ownIdentity(firm)
    expect(proof).toEqual({ ...identity, sha256, keyCompared: false })
    expect(decisions).toBe(2)
    expect(receipt.imports).toMatchObject([
      { importId, party: 'Harbour Bookkeeping', sequence: 2, status: 'applied' },
    ])
    const [newest] = await (await firm.openVault('acme')).audit.list({ limit: 1 })
    expect(receipt.vaults).toMatchObject([{ vault: 'acme', audit: { seq: newest?.seq, hash: newest?.hash } }])
    expect(receipt.decisions).toMatchObject([
      {
        recordId: 'p1',
        choice: 'theirs',
        actor: 'firm',
        reason: 'confirmed by phone',
        versions: { before: 2, after: 3 },
      },
      {
        recordId: 'p2',
        choice: 'fields',
        picks: [
          { path: 'city', pick: 'custom' },
          { path: 'note', pick: 'ours' },
        ],
        reason: null,
        party: 'Harbour Bookkeeping',
      },
    ])
    expect(text(bytes)).not.toMatch(/Zug|Basel|Uri|Bern/)
  })

  it('has hashes that a holder of the bodies can make', async () => {
    await decide('p1', { kind: 'fields', picks: { city: { pick: 'custom', value: 'Zug' } } })
    const [decision] = verifyReceipt((await exportReceipt(firm, { kind: 'queue' })).bytes).receipt.decisions
    const now = (await contents(firm, 'acme'))['partners']?.['p1']
    expect(now).toEqual({ id: 'p1', city: 'Zug', note: 'ours' })
    const ours = await hashOf({ id: 'p1', city: 'Uri', note: 'ours' })
    expect(decision?.hashes).toEqual({
      base: await hashOf({ id: 'p1', city: 'Bern' }),
      ours,
      theirs: await hashOf({ city: 'Basel', id: 'p1' }),
      before: ours,
      result: await hashOf(now),
    })
  })

  it('tells what was replaced from what was queued, and what was deleted from what was not', async () => {
    await edit(firm, 'acme', 'p1', { city: 'Genf' })
    await decide('p1', { kind: 'delete' })
    await decide('p2', { kind: 'close' }, 'settled otherwise')
    const { decisions } = verifyReceipt((await exportReceipt(firm, { kind: 'queue' })).bytes).receipt
    const uri = { city: 'Uri', note: 'ours' }
    expect(decisions).toMatchObject([
      {
        choice: 'delete',
        hashes: { before: await hashOf({ ...uri, id: 'p1', city: 'Genf' }), result: null },
      },
      { choice: 'close', status: 'closed', hashes: { result: await hashOf({ ...uri, id: 'p2' }) } },
    ])
    expect(decisions[0]?.hashes.ours).toBe(await hashOf({ ...uri, id: 'p1' }))
    expect(decisions[1]?.hashes.before).toBe(decisions[1]?.hashes.result)
  })

  it('covers a batch, an import, a vault, or all; a decision that was undone is in none', async () => {
    const batchId = await decide('p1', { kind: 'ours' })
    const decidedAt = Date.now()
    while (Date.now() === decidedAt); // so that the clock tells the two apart
    await decide('p2', { kind: 'theirs' })
    const ids = async (scope: Parameters<typeof exportReceipt>[1]) =>
      verifyReceipt((await exportReceipt(firm, scope)).bytes).receipt.decisions.map(
        ({ recordId }) => recordId,
      )
    expect(await ids({ kind: 'batch', batchId })).toEqual(['p1'])
    expect(await ids({ kind: 'import', importId })).toEqual(['p1', 'p2'])
    expect(await ids({ kind: 'queue', vault: 'acme', collection: 'partners' })).toEqual(['p1', 'p2'])
    expect(await ids({ kind: 'queue', vault: 'elsewhere' })).toEqual([])
    const [early, late] = verifyReceipt((await exportReceipt(firm, { kind: 'queue' })).bytes).receipt
      .decisions
    const moment = late?.decidedAt ?? ''
    expect(early?.decidedAt).not.toBe(moment)
    expect(await ids({ kind: 'queue', from: moment })).toEqual(['p2'])
    expect(await ids({ kind: 'queue', until: moment })).toEqual(['p1'])
    await queue.undo(batchId)
    expect(await ids({ kind: 'import', importId })).toEqual(['p2'])
    await expect(ids({ kind: 'batch', batchId })).rejects.toMatchObject({ code: 'CONFLICT_NOT_FOUND' })
    await expect(ids({ kind: 'import', importId: 'none' })).rejects.toMatchObject({
      code: 'IMPORT_NOT_FOUND',
    })
    await undoImport(firm, importId, { expectHash: (await planUndo(firm, importId)).hash })
    expect(await ids({ kind: 'queue' })).toEqual([])
  })
})

describe('verifyReceipt', () => {
  let bytes: Uint8Array

  beforeEach(async () => {
    await decide('p1', { kind: 'theirs' }, 'confirmed “by phone” 📞')
    bytes = (await exportReceipt(firm, { kind: 'queue' })).bytes
  })

  it('agrees with an implementation of the format that was written from its description', async () => {
    const parts = takeApart(text(bytes))
    expect(canonical(JSON.parse(parts.payload))).toBe(parts.payload)
    expect(await isSigned(parts)).toBe(true)
  })

  it('is made of nothing but a cipher and a schema', () => {
    const seen = new Set<string>()
    const outside = new Set<string>()
    const follow = (file: string): void => {
      if (seen.has(file)) return
      seen.add(file)
      for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(
        /^import(?! type)[^'"]*from '([^']+)'/gm,
      )) {
        if (from.startsWith('.')) follow(join(dirname(file), from))
        else outside.add(from)
      }
    }
    follow(join(import.meta.dirname, 'verify.ts'))
    expect([...outside].sort()).toEqual(['node:crypto', 'zod'])
  })

  it('refuses any byte that was changed, and a file that was cut or added to', () => {
    for (let at = 0; at < bytes.length; at += 5) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(() => verifyReceipt(changed), `byte ${at}`).toThrow(
        expect.objectContaining({
          code: expect.stringMatching(/^(RECEIPT_INVALID|SIGNATURE_INVALID)$/) as unknown,
        }),
      )
    }
    for (const other of [bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.from('\n')]), new Uint8Array()])
      expect(() => verifyReceipt(other)).toThrow(expect.objectContaining({ code: 'RECEIPT_INVALID' }))
  })

  it('refuses whatever else it is given, with a code', () => {
    const others = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((json) => Buffer.from(json)),
      fc
        .record({ payload: fc.jsonValue(), signature: fc.jsonValue() })
        .map((file) => Buffer.from(JSON.stringify(file))),
      fc
        .nat({ max: bytes.length })
        .map((at) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])),
    )
    fc.assert(
      fc.property(others, (file) => {
        if (!Buffer.from(bytes).equals(file))
          expect(() => verifyReceipt(file)).toThrow(expect.objectContaining({ name: 'LobbyError' }))
      }),
    )
    const deep = Buffer.from(`{"payload":${'['.repeat(100_000)}${']'.repeat(100_000)},"signature":{}}`)
    expect(() => verifyReceipt(deep)).toThrow(expect.objectContaining({ code: 'RECEIPT_INVALID' }))
  })

  it('compares the key with the one that is expected', async () => {
    const { publicKey } = await ownIdentity(firm)
    expect(verifyReceipt(bytes, { publicKey }).keyCompared).toBe(true)
    const other = await forged(bytes, (payload) => (payload['decisions'] = []))
    expect(verifyReceipt(other)).toMatchObject({ party: 'Alder & Co', receipt: { decisions: [] } })
    expect(() => verifyReceipt(other, { publicKey })).toThrow(
      expect.objectContaining({ code: 'RECEIPT_OF_OTHER_KEY' }),
    )
  })

  it.each<[string, (payload: Record<string, unknown>) => void, string]>([
    ['a newer format', (payload) => (payload['version'] = 2), 'RECEIPT_TOO_NEW'],
    ['another kind of file', (payload) => (payload['format'] = 'lobby-snapshot'), 'RECEIPT_INVALID'],
    ['a member nobody knows', (payload) => (payload['remark'] = ''), 'RECEIPT_INVALID'],
    ['no decisions', (payload) => delete payload['decisions'], 'RECEIPT_INVALID'],
  ])('refuses %s, however well signed', async (_what, change, code) => {
    const file = await forged(bytes, change)
    expect(() => verifyReceipt(file)).toThrow(expect.objectContaining({ code }))
  })

  it('takes one spelling only', async () => {
    const { privateKey, publicKey } = newKeyPair()
    const payload = JSON.parse(takeApart(text(bytes)).payload) as Record<string, unknown> // made just before
    const loose = JSON.stringify({ ...payload, signer: { party: 'Alder & Co', publicKey } }, null, 1)
    const file = Buffer.from(await sign(loose, privateKey))
    expect(() => verifyReceipt(file)).toThrow(expect.objectContaining({ code: 'RECEIPT_INVALID' }))
    const same = text(bytes).replace(
      /([AQgw])==/,
      (_, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}==`,
    )
    expect(Buffer.from(takeApart(same).signature, 'base64')).toEqual(
      Buffer.from(takeApart(text(bytes)).signature, 'base64'),
    )
    expect(() => verifyReceipt(Buffer.from(same))).toThrow(
      expect.objectContaining({ code: 'RECEIPT_INVALID' }),
    )
  })
})

describe('the vector', () => {
  const path = join(import.meta.dirname, '../../test/vectors/receipt.json')
  const { in: input, out } = JSON.parse(readFileSync(path, 'utf8')) as {
    in: { privateKey: string; body: unknown; payload: unknown }
    out: { bodySha256: string; payload: string; file: string }
  } // our own file

  it('is what the description gives', async () => {
    expect(canonical(input.payload)).toBe(out.payload)
    expect(await hashOf(input.body)).toBe(out.bodySha256)
    expect(await sign(out.payload, input.privateKey)).toBe(out.file)
  })

  it('is what we take', () => {
    const { receipt, keyCompared } = verifyReceipt(Buffer.from(out.file))
    expect({ receipt, keyCompared }).toEqual({ receipt: input.payload, keyCompared: false })
    expect(receipt.decisions[0]?.hashes.result).toBe(out.bodySha256)
  })
})

test('docs/limits.md states the limits of receipts', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/limits.md'), 'utf8')
  const stated = [...page.matchAll(/^\| (\w+) \| (\d+) \|/gm)].map(([, name, value]) => [name, Number(value)])
  expect(Object.fromEntries(stated)).toMatchObject(receiptLimits)
})
