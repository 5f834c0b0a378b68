/** Which body format a bundle has, and that one made for an exchange stays with it. */
import { readPartitionBinding } from '@noy-db/hub/bundle'
import type { Noydb } from '@noy-db/hub'
import { describe, expect, it } from 'vitest'
import { decodeMultiBundle, encodeMultiBundle } from '../bundle/container.ts'
import { contents, fill, openOffice } from '../fixture-office.ts'
import { acceptCard, ownCard } from '../identity/card.ts'
import { signManifest } from '../identity/sender-block.ts'
import { loadIdentity } from '../identity/own-identity.ts'
import { applyImport } from '../import/apply.ts'
import { planImport } from '../import/plan.ts'
import { openState } from '../state.ts'
import { exportBundle, type ExportedBundle } from './export-bundle.ts'

const rows = Object.fromEntries(
  Array.from({ length: 300 }, (_, at) => [`r${at}`, { n: at, text: 'same again' }]),
)

async function office(user: string): Promise<Noydb> {
  const db = await openOffice(user)
  await fill(db, 'one', { a: rows })
  return db
}

const send = (db: Noydb, party: string) => exportBundle(db, { party, vaults: [{ vault: 'one' }] })
const bindingOf = ({ container }: ExportedBundle) =>
  readPartitionBinding(decodeMultiBundle(container).inner[0] ?? new Uint8Array())

async function take(db: Noydb, { keys }: ExportedBundle, container: Uint8Array): Promise<void> {
  const [handle = ''] = Object.keys(keys)
  const options = { container, keys, into: { [handle]: 'one' }, strategy: 'take-incoming' as const }
  await applyImport(db, await planImport(db, options), {})
}

describe('the body format', () => {
  it('is the one every reader knows, until the party has said that it reads more', async () => {
    const [ada, bob] = [await office('ada'), await office('bob')]
    const first = await send(ada, 'bob')
    expect([first.bodyFormat, bindingOf(first)]).toEqual([1, { bodyFormat: 1, exchangeId: null }])
    await take(bob, first, first.container)
    const answer = await send(bob, 'ada')
    expect(bindingOf(answer)).toEqual({ bodyFormat: 2, exchangeId: answer.exchangeId })
    expect(answer.container.length * 2).toBeLessThan(first.container.length)
    await take(ada, answer, answer.container)
    expect((await send(ada, 'bob')).bodyFormat).toBe(2)
    expect(await contents(ada, 'one')).toEqual(await contents(bob, 'one'))
  })

  it('may be said by a card, and asked for', async () => {
    const [ada, bob] = [await office('ada'), await openOffice('bob')]
    await acceptCard(ada, await ownCard(bob))
    expect((await send(ada, 'bob')).bodyFormat).toBe(2)
    const asked = { party: 'bob', vaults: [{ vault: 'one' }], bodyFormat: 1 as const }
    expect(bindingOf(await exportBundle(ada, asked)).bodyFormat).toBe(1)
  })

  it('goes by our own name for the party', async () => {
    const [ada, bob] = [await office('ada'), await office('bob')]
    const sent = await send(ada, 'Bob & Sons')
    await take(bob, sent, sent.container)
    const answer = await send(bob, 'ada')
    await take(ada, answer, answer.container)
    expect((await send(ada, 'Bob & Sons')).bodyFormat).toBe(2)
    expect((await send(ada, 'Carol')).bodyFormat).toBe(1)
  })
})

describe('a body bound to its exchange', () => {
  async function bound(): Promise<{ ada: Noydb; bob: Noydb; sent: ExportedBundle }> {
    const [ada, bob] = [await office('ada'), await openOffice('bob')]
    await bob.openVault('one')
    return {
      ada,
      bob,
      sent: await exportBundle(ada, { party: 'bob', vaults: [{ vault: 'one' }], bodyFormat: 2 }),
    }
  }

  it('is not taken from a container whose signature was taken off', async () => {
    const { bob, sent } = await bound()
    const { manifest, inner } = decodeMultiBundle(sent.container)
    const { sender: _sender, ...unsigned } = manifest
    for (const container of [encodeMultiBundle(unsigned, inner), inner[0] ?? new Uint8Array()])
      await expect(take(bob, sent, container)).rejects.toMatchObject({ code: 'BUNDLE_INVALID' })
  })

  it('is not taken from a container that another signed for an exchange of theirs', async () => {
    const { bob, sent } = await bound()
    const eve = await loadIdentity(await openState(await openOffice('eve')))
    const { manifest, inner } = decodeMultiBundle(sent.container)
    const { sender, ...rest } = manifest
    if (sender === undefined) throw new Error('expected a sender')
    const { counts, createdAt } = sender
    const message = { exchangeId: 'theirs', sequence: 1, previous: null, counts, createdAt }
    const container = encodeMultiBundle(signManifest(rest, message, inner, eve), inner)
    await expect(take(bob, sent, container)).rejects.toMatchObject({ code: 'BUNDLE_INVALID' })
    await take(bob, sent, sent.container)
    expect(Object.keys((await contents(bob, 'one'))['a'] ?? {})).toHaveLength(300)
  })
})
