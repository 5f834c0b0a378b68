/** Keys on their way: under a passphrase, sealed to a party, as text; each opens the bundle it was made for, and nothing else does. */
import { describe, expect, it } from 'vitest'
import { publicKeyOf, newKey } from '@noy-db/hub/sealing'
import { CHEAP_KDF, contents, fill, openOffice } from '../fixture-office.ts'
import { applyImport } from '../import/apply.ts'
import { planImport } from '../import/plan.ts'
import { acceptCard, ownCard } from '../identity/card.ts'
import { ownIdentity } from '../identity/own-identity.ts'
import { exportBundle, type ExportedBundle } from './export-bundle.ts'
import { encodeKeyFile } from './key-file.ts'
import { sealKeys } from './key-sealed.ts'
import { encodeKeyText } from './key-text.ts'
import { wrapKeys } from './key-wrapped.ts'
import { keyFormOf, readKeys } from './read-keys.ts'
import { knownRecipient } from './recipient.ts'

const PASSPHRASE = 'zoë and the fourteen herrings'

async function exported() {
  const db = await openOffice('ada')
  await fill(db, 'one', { a: { x: { n: 1 } } })
  await fill(db, 'two', { a: { y: { n: 2 } } })
  const made = await exportBundle(db, { party: 'bob', vaults: [{ vault: 'one' }, { vault: 'two' }] })
  return { db, made }
}

const wrap = (made: ExportedBundle) => wrapKeys(made, PASSPHRASE, { kdf: CHEAP_KDF })

function changed(file: string, edit: (members: Record<string, unknown>) => void): string {
  const members = JSON.parse(file) as Record<string, unknown>
  edit(members)
  return JSON.stringify(members)
}

/** Another first character, so that the text stays base64. */
const altered = (text: unknown): string => (String(text).startsWith('A') ? 'B' : 'A') + String(text).slice(1)

describe('every form', () => {
  it('is told apart, and gives the same keys', async () => {
    const { made } = await exported()
    const bob = await openOffice('bob')
    const { encryptionKey } = await ownIdentity(bob)
    const forms = {
      file: encodeKeyFile(made),
      wrapped: await wrap(made),
      sealed: sealKeys(made, encryptionKey),
      text: encodeKeyText(made.keys),
    }
    for (const [form, keys] of Object.entries(forms)) {
      expect(keyFormOf(keys)).toBe(form)
      const options = { container: made.container, passphrase: PASSPHRASE, db: bob }
      expect(await readKeys(Buffer.from(keys), options)).toEqual(made.keys)
    }
    expect(keyFormOf('{ half a file')).toBe('file')
  })

  it('of another bundle is refused', async () => {
    const { db, made } = await exported()
    const { container } = await exportBundle(db, {
      party: 'bob',
      vaults: [{ vault: 'one' }, { vault: 'two' }],
    })
    const bob = await openOffice('bob')
    const forms = [
      encodeKeyFile(made),
      await wrap(made),
      sealKeys(made, (await ownIdentity(bob)).encryptionKey),
      encodeKeyText(made.keys),
    ]
    for (const keys of forms) {
      await expect(readKeys(keys, { container, passphrase: PASSPHRASE, db: bob })).rejects.toMatchObject({
        code: 'KEY_OF_OTHER_BUNDLE',
      })
    }
  })
})

describe('keys under a passphrase', () => {
  it('want that passphrase, however its letters are spelt', async () => {
    const { made } = await exported()
    const file = await wrap(made)
    const read = (passphrase?: string) =>
      readKeys(file, { container: made.container, ...(passphrase !== undefined && { passphrase }) })
    expect(await read(PASSPHRASE.normalize('NFD'))).toEqual(made.keys)
    await expect(read()).rejects.toMatchObject({ code: 'KEY_PASSPHRASE_MISSING' })
    for (const wrong of ['', 'zoe and the fourteen herrings', 'x'.repeat(2000)])
      await expect(read(wrong)).rejects.toMatchObject({ code: 'KEY_PASSPHRASE_WRONG' })
    await expect(wrapKeys(made, 'too short')).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
  })

  it('are bound to everything that stands outside', async () => {
    const { made } = await exported()
    const file = await wrap(made)
    const read = (keys: string) => readKeys(keys, { container: made.container, passphrase: PASSPHRASE })
    const edits: ((members: Record<string, unknown>) => void)[] = [
      (members) => void (members['exchangeId'] = 'other'),
      (members) => void (members['containerSha256'] = '0'.repeat(64)),
      (members) => void (members['salt'] = altered(members['salt'])),
      (members) => void (members['kdf'] = { ...CHEAP_KDF, passes: 2 }),
      (members) => void (members['sealed'] = altered(members['sealed'])),
    ]
    for (const edit of edits)
      await expect(read(changed(file, edit))).rejects.toMatchObject({ code: 'KEY_PASSPHRASE_WRONG' })
  })

  it('that ask for too much work are refused before any is done', async () => {
    const { made } = await exported()
    const file = await wrap(made)
    const costs = [
      { memoryKiB: 2 ** 31, passes: 1, parallelism: 1 },
      { memoryKiB: 8, passes: 10_000, parallelism: 1 },
      { memoryKiB: 8, passes: 1, parallelism: 1, more: 1 },
    ]
    for (const kdf of costs) {
      const greedy = changed(file, (members) => void (members['kdf'] = kdf))
      const started = performance.now()
      await expect(
        readKeys(greedy, { container: made.container, passphrase: PASSPHRASE }),
      ).rejects.toMatchObject({ code: 'KEY_INVALID' })
      expect(performance.now() - started).toBeLessThan(1000)
    }
    const bare = changed(file, (members) => void (members['salt'] = 'AAAA'))
    await expect(readKeys(bare, { container: made.container, passphrase: PASSPHRASE })).rejects.toMatchObject(
      {
        code: 'KEY_INVALID',
      },
    )
  })
})

describe('keys sealed to a party', () => {
  it('open in its workspace alone; no secret was sent', async () => {
    const { db: ada, made } = await exported()
    const bob = await openOffice('bob')
    await acceptCard(ada, await ownCard(bob))
    const known = await knownRecipient(ada, 'bob')
    expect(known).toMatchObject({ party: 'bob', fingerprint: (await ownIdentity(bob)).fingerprint })
    const sealed = sealKeys(made, known?.encryptionKey ?? '')
    expect(await readKeys(sealed, { container: made.container, db: bob })).toEqual(made.keys)
    const refused = expect.objectContaining({ code: 'KEY_FOR_OTHERS' }) as unknown
    await expect(
      readKeys(sealed, { container: made.container, db: await openOffice('eve') }),
    ).rejects.toEqual(refused)
    await expect(readKeys(sealed, { container: made.container, db: ada })).rejects.toEqual(refused)
    await expect(readKeys(sealed, { container: made.container })).rejects.toEqual(refused)
  })

  it('are bound to the recipient, the exchange and the box', async () => {
    const { made } = await exported()
    const bob = await openOffice('bob')
    const sealed = sealKeys(made, (await ownIdentity(bob)).encryptionKey)
    const read = (keys: string) => readKeys(keys, { container: made.container, db: bob })
    const box = changed(sealed, (members) => void (members['box'] = altered(members['box'])))
    await expect(read(box)).rejects.toMatchObject({ code: 'KEY_INVALID' })
    const exchange = changed(sealed, (members) => void (members['exchangeId'] = 'other'))
    await expect(read(exchange)).rejects.toMatchObject({ code: 'KEY_OF_OTHER_BUNDLE' })
    const eve = await openOffice('eve')
    const { encryptionKey } = await ownIdentity(eve)
    const redirected = changed(sealed, (members) => void (members['to'] = encryptionKey))
    await expect(readKeys(redirected, { container: made.container, db: eve })).rejects.toMatchObject({
      code: 'KEY_INVALID',
    })
  })

  it('are made for a signed bundle of that exchange, and for a key that is one', async () => {
    const { made } = await exported()
    const key = publicKeyOf('x25519', newKey())
    expect(() => sealKeys({ ...made, exchangeId: 'other' }, key)).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR' }),
    )
    expect(() => sealKeys(made, 'AAAA')).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }))
  })
})

describe('an import', () => {
  it('finds keys by handle, by seal and by disclosed name', async () => {
    const { made } = await exported()
    const [first = '', second = ''] = Object.keys(made.keys)
    const bob = await openOffice('bob')
    for (const name of ['one', 'two']) await bob.openVault(name)
    const [one, two] = [made.keys[first]!, made.keys[second]!]
    const into = { [first]: 'one', [second]: 'two' }
    const plan = await planImport(bob, {
      container: made.container,
      keys: { one, [second]: two },
      into,
      strategy: 'take-incoming',
    })
    await applyImport(bob, plan, {})
    expect(await contents(bob, 'two')).toEqual({ a: { y: { id: 'y', n: 2 } } })
  })
})
