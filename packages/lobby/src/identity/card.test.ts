import { describe, expect, it } from 'vitest'
import { exportBundle } from '../exchange/export-bundle.ts'
import { fill, openOffice } from '../fixture-office.ts'
import { applyImport } from '../import/apply.ts'
import { inspectBundle } from '../import/inspect.ts'
import { planImport } from '../import/plan.ts'
import { openState } from '../state.ts'
import { acceptCard, ownCard, readCard } from './card.ts'
import { listSenders } from './known-senders.ts'
import { loadIdentity, ownIdentity } from './own-identity.ts'

describe('a card', () => {
  it('says whose it is, with the fingerprint to compare', async () => {
    const bob = await openOffice('bob')
    const identity = await ownIdentity(bob)
    expect(readCard(await ownCard(bob))).toMatchObject({ ...identity, bodyFormats: [1, 2] })
  })

  it.each([
    ['nothing', () => ''],
    ['half of it', (text: string) => text.slice(0, text.length / 2)],
    ['another name', (text: string) => text.replace('"bob"', '"bot"')],
    [
      'another key',
      (text: string) => text.replace(/(?<="encryptionKey": ")./, (first) => (first === 'A' ? 'B' : 'A')),
    ],
    ['one member more', (text: string) => text.replace('{', '{"more":1,')],
    ['a __proto__', (text: string) => text.replace('{', '{"__proto__":{},')],
    ['too much', (text: string) => text + ' '.repeat(5000)],
  ])('is refused with %s', async (_what, edit) => {
    const bob = await openOffice('bob')
    await ownIdentity(bob)
    const broken = edit(await ownCard(bob))
    expect(() => readCard(broken)).toThrow(expect.objectContaining({ code: 'CARD_INVALID' }))
    await expect(acceptCard(bob, broken)).rejects.toMatchObject({ code: 'CARD_INVALID' })
    expect(await listSenders(bob)).toEqual([])
  })

  it('makes the party known: its first message is no longer of a stranger', async () => {
    const [ada, bob] = [await openOffice('ada'), await openOffice('bob')]
    await acceptCard(ada, await ownCard(bob))
    await fill(bob, 'one', { a: { x: { n: 1 } } })
    const { container } = await exportBundle(bob, { party: 'ada', vaults: [{ vault: 'one' }] })
    expect((await inspectBundle(container, ada)).check).toMatchObject({
      state: 'known',
      sequenceState: 'first',
    })
  })

  it('does not replace a known key without a yes, nor forget what was received', async () => {
    const [ada, bob] = [await openOffice('ada'), await openOffice('bob')]
    await fill(bob, 'one', { a: { x: { n: 1 } } })
    await ada.openVault('one')
    const { container, keys, exchangeId } = await exportBundle(bob, {
      party: 'ada',
      vaults: [{ vault: 'one' }],
    })
    const [handle = ''] = Object.keys(keys)
    const strategy = 'take-incoming' as const
    await applyImport(
      ada,
      await planImport(ada, { container, keys, into: { [handle]: 'one' }, strategy }),
      {},
    )
    const known = await acceptCard(ada, await ownCard(bob))
    expect(known).toMatchObject({ lastSequence: 1, lastExchangeId: exchangeId })
    const card = await ownCard(await openOffice('bob'))
    await expect(acceptCard(ada, card)).rejects.toMatchObject({ code: 'SENDER_KEY_CHANGED' })
    expect(await listSenders(ada)).toEqual([known])
    expect((await acceptCard(ada, card, { acceptChangedKey: true })).publicKey).toBe(readCard(card).publicKey)
  })
})

describe('an identity of an earlier build', () => {
  it('gets its encryption key when it is first read, once, and keeps its signing key', async () => {
    const ada = await openOffice('ada')
    const state = await openState(ada)
    const { encryptionKey: _key, encryptionSeed: _seed, ...earlier } = await loadIdentity(state)
    await state.identity.put('ada', earlier as never)
    const [one, two] = await Promise.all([ownIdentity(ada), ownIdentity(ada)])
    expect(one).toEqual(two)
    expect(one.publicKey).toBe(earlier.publicKey)
    expect(await ownIdentity(ada)).toEqual(one)
  })
})
