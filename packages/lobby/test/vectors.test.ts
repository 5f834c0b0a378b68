/** Fixed keys in, bytes out: what docs/bundle-format.md says of sections 5 and 6, against code of its own and against ours. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  decodeMultiBundle,
  encodeKeyFile,
  encodeKeyText,
  encodeMultiBundle,
  inspectBundle,
  readCard,
  readKeys,
  type MultiBundleManifest,
} from '../src/index.ts'
import { openOffice } from '../src/fixture-office.ts'
import { openState } from '../src/state.ts'
import { loadIdentity } from '../src/identity/own-identity.ts'
import { publicBytes } from './formats/exchange.ts'
import { compute, type ExchangeIn, type ExchangeOut, type NdbmIn } from './vectors/compute.ts'

const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

function vector<T>(name: string): T {
  return JSON.parse(readFileSync(path.join(import.meta.dirname, 'vectors', `${name}.json`), 'utf8')) as T // our own file
}

interface Vector<In, Out> {
  readonly in: In
  readonly out: Out
}

const ndbm = vector<Vector<NdbmIn, { bytes: string }>>('ndbm')
const exchange = vector<Vector<ExchangeIn, ExchangeOut>>('exchange')
const order = vector<{
  refused: readonly { what: string; bytes: string; says: string }[]
  taken: readonly { what: string; bytes: string }[]
}>('ndbm-order')

it.each(['ndbm', 'exchange'])('%s is what its description gives', async (name) => {
  const { in: input, out } = vector<Vector<unknown, unknown>>(name)
  expect(await compute(name, input)).toEqual(out)
})

describe('the container of several vaults', () => {
  it('is written and read byte by byte', () => {
    const bytes = fromHex(ndbm.out.bytes)
    const inner = ndbm.in.inner.map(fromHex)
    const manifest = ndbm.in.manifest as unknown as MultiBundleManifest // written as one
    expect(encodeMultiBundle(manifest, inner)).toEqual(bytes)
    expect(decodeMultiBundle(bytes)).toEqual({ manifest, inner })
  })

  it.each(order.refused)('is refused for the first thing that is wrong: $what', ({ bytes, says }) => {
    expect(() => decodeMultiBundle(fromHex(bytes))).toThrow(says)
  })

  it.each(order.taken)('is read with $what', ({ bytes }) => {
    expect(decodeMultiBundle(fromHex(bytes)).manifest.multiFormatVersion).toBe(1)
  })
})

describe('an exchange', () => {
  const { in: input, out } = exchange
  const container = fromHex(out.container)
  const handle = input.entry.handle
  const keys = { [handle]: fromHex(input.transferKey) }
  const { exchangeId } = input.block

  it('is signed as it says', async () => {
    const { sender, check } = await inspectBundle(container)
    expect(sender).toMatchObject(input.block)
    expect(check).toMatchObject({ state: 'unknown', party: 'Alder & Co' })
    expect(readCard(out.card)).toMatchObject({ party: 'Alder & Co', publicKey: sender?.publicKey })
  })

  it('has its key in a file and as text, as we write them', async () => {
    expect(encodeKeyFile({ exchangeId, container, keys, names: { [handle]: 'Rossi' } })).toBe(out.keyFile)
    expect(encodeKeyText(keys)).toBe(out.keyText)
    expect(await readKeys(out.keyFile, { container })).toEqual(keys)
    expect(await readKeys(out.keyText, { container })).toEqual(keys)
  })

  it('has its key under a passphrase', async () => {
    expect(await readKeys(out.wrapped, { container, passphrase: input.passphrase })).toEqual(keys)
  })

  it('has its key sealed to the recipient', async () => {
    const db = await openOffice('ada')
    const state = await openState(db)
    const seed = fromHex(input.recipientSeed)
    const pair = {
      encryptionKey: publicBytes('x25519', seed).toString('base64'),
      encryptionSeed: Buffer.from(seed).toString('base64'),
    }
    await state.identity.put('ada', { ...(await loadIdentity(state)), ...pair })
    expect(await readKeys(out.sealed, { container, db })).toEqual(keys)
  })
})
