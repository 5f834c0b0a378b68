import { describe, expect, it } from 'vitest'
import { countDerivations } from '../crypto/kdf.ts'
import {
  ExportCapabilityError,
  InvalidKeyError,
  KeyringExpiredError,
  NoAccessError,
  PermissionDeniedError,
  PrivilegeEscalationError,
  ReadOnlyError,
  ValidationError,
} from '../errors.ts'
import { memory } from '../memory.ts'
import type { Noydb } from '../noydb/noydb.ts'
import { bareStore, contents, member, session } from '../noydb/test-session.ts'
import type { GrantOptions, Role } from '../types/access.ts'
import type { NoydbStore } from '../types/store.ts'

const LISTED = { permissions: { mine: 'rw', read: 'ro' } } as const
const limited = (role: Role): boolean => role === 'operator' || role === 'client'
const asRole = (userId: string, role: Role, more: Partial<GrantOptions> = {}): GrantOptions =>
  member(userId, role, { ...(limited(role) ? LISTED : {}), ...more })

/** A vault of ann's with three collections, and one member of each role named after it. */
async function office(store: NoydbStore = memory()) {
  const ann = await session(store)
  const vault = await ann.openVault('v')
  for (const name of ['mine', 'read', 'secret']) await vault.collection(name).put('x', { of: name })
  const roles: readonly Role[] = ['admin', 'custodian', 'operator', 'viewer', 'client']
  for (const role of roles) await ann.grant('v', asRole(role, role))
  await ann.grant('v', member('owner', 'owner'))
  return { store, ann, as: (user: string) => session(store, { user }) }
}

const stores: Array<[string, () => NoydbStore]> = [
  ['memory', memory],
  ['a bare store', bareStore],
]

type Outcome = 'yes' | 'read-only' | 'no-access'
const outcomes = new Map<unknown, Outcome>([
  [ReadOnlyError, 'read-only'],
  [NoAccessError, 'no-access'],
])

async function outcome(work: Promise<unknown>): Promise<Outcome> {
  try {
    await work
    return 'yes'
  } catch (error) {
    const known = outcomes.get((error as Error).constructor)
    if (known === undefined) throw error
    return known
  }
}

describe.each(stores)('what each role may do, on %s', (_name, makeStore) => {
  const table: Array<[Role, read: string, write: string]> = [
    ['owner', 'yes yes yes', 'yes yes yes'],
    ['admin', 'yes yes yes', 'yes yes yes'],
    ['custodian', 'yes yes yes', 'yes yes yes'],
    ['viewer', 'yes yes yes', 'read-only read-only read-only'],
    ['operator', 'yes yes no-access', 'yes read-only no-access'],
    ['client', 'yes yes no-access', 'read-only read-only read-only'],
  ]
  it.each(table)('%s', async (role, read, write) => {
    const { as } = await office(makeStore())
    const vault = await (await as(role)).openVault('v', { create: false })
    expect(vault).toMatchObject({ role, userId: role })
    const names = ['mine', 'read', 'secret']
    const reads: Outcome[] = []
    for (const name of names) reads.push(await outcome(vault.collection(name).list()))
    const writes: Outcome[] = []
    for (const name of names) writes.push(await outcome(vault.collection(name).put('y', {})))
    expect([reads.join(' '), writes.join(' ')]).toEqual([read, write])
    const visible = await Array.fromAsync(vault.exportStream())
    expect(visible).toHaveLength(reads.filter((each) => each === 'yes').length)
  })

  it('collections made later are there for whoever reads everything, and for nobody else', async () => {
    const { ann, as } = await office(makeStore())
    await (await ann.openVault('v')).collection('later').put('x', { n: 1 })
    for (const role of ['owner', 'admin', 'custodian', 'viewer', 'operator', 'client'] as const) {
      const later = (await (await as(role)).openVault('v')).collection('later')
      if (limited(role)) await expect(later.list()).rejects.toThrow(NoAccessError)
      else expect(await later.list()).toEqual([{ n: 1 }])
    }
  })

  it('a listed collection can be begun by the operator it was listed for', async () => {
    const { ann, as } = await office(makeStore())
    await ann.grant('v', member('olga', 'operator', { permissions: { fresh: 'rw' } }))
    await (await (await as('olga')).openVault('v')).collection('fresh').put('x', { n: 1 })
    expect(await (await ann.openVault('v')).collection('fresh').list()).toEqual([{ n: 1 }])
  })
})

describe('who may grant and revoke whom', () => {
  const roles: readonly Role[] = ['owner', 'admin', 'custodian', 'operator', 'viewer', 'client']
  const grants: Record<Role, readonly Role[]> = {
    owner: roles,
    admin: ['admin', 'operator', 'viewer', 'client'],
    custodian: [],
    operator: [],
    viewer: [],
    client: [],
  }

  it.each(roles)('%s', async (role) => {
    const { as } = await office()
    const db = await as(role)
    for (const other of roles) {
      const allowed = grants[role].includes(other)
      const granting = db.grant('v', asRole(`new-${other}`, other))
      if (allowed) await granting
      else await expect(granting).rejects.toThrow(PermissionDeniedError)
      if (other === role) continue
      const revoking = db.revoke('v', { userId: other, rotateKeys: false })
      if (allowed && other !== 'owner') await revoking
      else await expect(revoking).rejects.toThrow(PermissionDeniedError)
    }
  })

  it('custodians are given and taken by owners, and only custodians are taken that way', async () => {
    const { ann, as } = await office()
    const { role: _role, ...carl } = member('carl', 'custodian')
    await expect((await as('admin')).grantCustodian('v', carl)).rejects.toThrow(PermissionDeniedError)
    await ann.grantCustodian('v', carl)
    expect((await (await as('carl')).openVault('v')).role).toBe('custodian')
    await expect((await as('admin')).revokeCustodian('v', { userId: 'carl' })).rejects.toThrow(
      PermissionDeniedError,
    )
    await expect(ann.revokeCustodian('v', { userId: 'viewer' })).rejects.toThrow(PermissionDeniedError)
    await ann.revokeCustodian('v', { userId: 'carl' })
    await expect((await as('carl')).openVault('v')).rejects.toThrow(NoAccessError)
  })

  it('nobody grants over an owner, and an admin not over a custodian', async () => {
    const { ann, as } = await office()
    const admin = await as('admin')
    await expect(admin.grant('v', member('ann', 'viewer'))).rejects.toThrow(PermissionDeniedError)
    await expect(admin.grant('v', member('custodian', 'viewer'))).rejects.toThrow(PermissionDeniedError)
    await expect(ann.grant('v', member('owner', 'viewer'))).rejects.toThrow(PermissionDeniedError)
    await ann.grant('v', member('custodian', 'viewer'))
    expect((await (await as('custodian')).openVault('v')).role).toBe('viewer')
  })

  it('nobody without a keyring', async () => {
    const { as, ann } = await office()
    const eve = await as('eve')
    await expect(eve.grant('v', member('eve', 'viewer'))).rejects.toThrow(NoAccessError)
    await expect(eve.revoke('v', { userId: 'viewer' })).rejects.toThrow(NoAccessError)
    await expect(ann.revoke('v', { userId: 'eve' })).rejects.toThrow(NoAccessError)
    await expect(ann.grant('none', member('vic', 'viewer'))).rejects.toThrow(NoAccessError)
  })
})

describe('a grant', () => {
  it('needs no open vault and leaves the live session as it is', async () => {
    const { store } = await office()
    const ann = await session(store)
    await ann.grant('v', member('vic', 'viewer'))
    const vault = await ann.openVault('v')
    await ann.grant('v', member('ann', 'owner', { exportCapability: { plaintext: ['xlsx'] } }))
    expect(() => vault.assertCanExport('plaintext', 'xlsx')).toThrow(ExportCapabilityError)
  })

  it('to oneself adds a capability and keeps everything there is', async () => {
    const { store, ann } = await office()
    const handle = await (await ann.openVault('v')).getBundleHandle()
    await ann.grant('v', member('ann', 'owner', { exportCapability: { plaintext: ['xlsx'], bundle: true } }))
    const again = await (await session(store)).openVault('v')
    expect(await again.getBundleHandle()).toBe(handle)
    expect(await again.collection('secret').list()).toEqual([{ of: 'secret' }])
    again.assertCanExport('plaintext', 'xlsx')
    again.assertCanExport('bundle')
    expect(() => again.assertCanExport('plaintext', 'csv')).toThrow(ExportCapabilityError)
    await again.collection('more').put('x', {})
  })

  it('replaces the one before, secret included', async () => {
    const { store, ann } = await office()
    await ann.grant('v', asRole('viewer', 'client', { passphrase: 'another' }))
    await expect((await session(store, { user: 'viewer' })).openVault('v')).rejects.toThrow(InvalidKeyError)
    const vault = await (await session(store, { user: 'viewer', secret: 'another' })).openVault('v')
    expect(vault.role).toBe('client')
    await expect(vault.collection('secret').list()).rejects.toThrow(NoAccessError)
  })

  it('takes any secret, a letter too', async () => {
    const { store, ann } = await office()
    await ann.grant('v', member('z', 'viewer', { passphrase: 'z' }))
    expect((await (await session(store, { user: 'z', secret: 'z' })).openVault('v')).role).toBe('viewer')
  })

  it('leaves no trace when it is refused', async () => {
    const { store, as } = await office()
    const before = await contents(store, ['v', '__noydb_users__'])
    await expect((await as('viewer')).grant('v', member('eve', 'viewer'))).rejects.toThrow()
    await expect((await as('admin')).grant('v', member('eve', 'owner'))).rejects.toThrow()
    for (const create of [true, false])
      await expect((await as('eve')).openVault('v', { create })).rejects.toThrow(NoAccessError)
    expect(await contents(store, ['v', '__noydb_users__'])).toEqual(before)
  })

  const wrong: Array<[string, Partial<Record<keyof GrantOptions, unknown>>]> = [
    ['an empty user', { userId: '' }],
    ['an empty passphrase', { passphrase: '' }],
    ['an unknown role', { role: 'emperor' }],
    ['a name that is too long', { displayName: 'x'.repeat(257) }],
    ['permissions that would not limit', { permissions: { mine: 'ro' } }],
    ['a permission that is none', { role: 'operator', permissions: { mine: 'all' } }],
    ['a reserved collection', { role: 'operator', permissions: { _audit: 'ro' } }],
    ['a capability that is none', { exportCapability: { plaintext: 'xlsx' } }],
    ['an end in the past', { expiresAt: '2020-01-01T00:00:00.000Z' }],
    ['an end that is no time', { expiresAt: 'soon' }],
  ]
  it.each(wrong)('with %s is refused', async (_what, options) => {
    const ann = await session(memory())
    await ann.openVault('v')
    // Not what the type allows, which is the point.
    await expect(ann.grant('v', { ...member('vic', 'viewer'), ...options } as GrantOptions)).rejects.toThrow(
      ValidationError,
    )
  })

  it('ends when it says', async () => {
    const store = memory()
    let now = Date.parse('2026-01-01T00:00:00.000Z')
    const clock = () => now
    const ann = await session(store, { clock })
    await ann.openVault('v')
    await ann.grant('v', member('vic', 'viewer', { expiresAt: '2026-02-01T00:00:00Z' }))
    expect((await (await session(store, { user: 'vic', clock })).openVault('v')).role).toBe('viewer')
    now = Date.parse('2026-02-01T00:00:00.000Z')
    const late = session(store, { user: 'vic', clock }).then((db) => db.openVault('v'))
    await expect(late).rejects.toThrow(KeyringExpiredError)
    await expect(late).rejects.toMatchObject({ userId: 'vic', expiresAt: '2026-02-01T00:00:00.000Z' })
    const wrongSecret = await session(store, { user: 'vic', clock, secret: 'no' })
    await expect(wrongSecret.openVault('v')).rejects.toThrow(InvalidKeyError)
  })

  it('of somebody who never had the collection key of existing rows is an escalation', async () => {
    const { store, ann } = await office()
    await store.delete('v', '_deks', 'secret')
    const envelope = await store.get('v', '_keyring', 'ann')
    const file = JSON.parse(envelope?._data ?? '') as { deks: Record<string, string> }
    delete file.deks.secret
    await store.put('v', '_keyring', 'ann', { ...envelope!, _data: JSON.stringify(file) }) // read above
    const granting = ann.grant('v', member('olga', 'operator', { permissions: { secret: 'ro' } }))
    await expect(granting).rejects.toThrow(PrivilegeEscalationError)
    await expect(granting).rejects.toMatchObject({ offendingCollection: 'secret' })
  })
})

describe('an admin hands out no more than it has', () => {
  async function adminWith(
    more: Partial<GrantOptions>,
  ): Promise<{ admin: Noydb; as: (u: string) => Promise<Noydb> }> {
    const { ann, as } = await office()
    await ann.grant('v', member('admin', 'admin', more))
    return { admin: await as('admin'), as }
  }

  it('export and import formats', async () => {
    const { admin } = await adminWith({ exportCapability: { plaintext: ['csv'] } })
    await admin.grant('v', member('vic', 'viewer', { exportCapability: { plaintext: ['csv'] } }))
    for (const more of [
      { exportCapability: { plaintext: ['xlsx'] } },
      { exportCapability: { plaintext: ['*'] } },
      { importCapability: { plaintext: ['csv'] } },
    ]) {
      const granting = admin.grant('v', member('vic', 'viewer', more))
      await expect(granting).rejects.toThrow(PrivilegeEscalationError)
    }
    await expect(
      admin.grant('v', member('admin', 'admin', { exportCapability: { plaintext: ['*'] } })),
    ).rejects.toThrow(PrivilegeEscalationError)
  })

  it('bundles, also where they are only implied', async () => {
    const { admin } = await adminWith({ exportCapability: { bundle: false } })
    await expect(admin.grant('v', member('adam', 'admin'))).rejects.toThrow(PrivilegeEscalationError)
    await admin.grant('v', member('adam', 'admin', { exportCapability: { bundle: false } }))
  })

  it('time', async () => {
    const { admin, as } = await adminWith({ expiresAt: '2100-01-01T00:00:00.000Z' })
    await expect(
      admin.grant('v', member('vic', 'viewer', { expiresAt: '2101-01-01T00:00:00.000Z' })),
    ).rejects.toThrow(PrivilegeEscalationError)
    await admin.grant('v', member('vic', 'viewer'))
    const late = await session((await as('vic'))._store, {
      user: 'vic',
      clock: () => Date.parse('2100-06-01'),
    })
    await expect(late.openVault('v')).rejects.toThrow(KeyringExpiredError)
  })
})

describe('export capability', () => {
  it('is plaintext for nobody and bundles for owner and admin, unless said otherwise', async () => {
    const { as } = await office()
    for (const role of ['owner', 'admin', 'custodian', 'operator', 'viewer', 'client']) {
      const vault = await (await as(role)).openVault('v')
      expect(() => vault.assertCanExport('plaintext', 'xlsx')).toThrow(ExportCapabilityError)
      const bundle = (): void => vault.assertCanExport('bundle')
      if (role === 'owner' || role === 'admin') bundle()
      else expect(bundle).toThrow(ExportCapabilityError)
    }
  })

  it('is changed by an owner without anybody’s passphrase', async () => {
    const { ann, as } = await office()
    const change = { userId: 'viewer', exportCapability: { plaintext: ['*'], bundle: true } }
    await ann.setExportCapability('v', change)
    const vault = await (await as('viewer')).openVault('v')
    vault.assertCanExport('plaintext', 'xlsx')
    vault.assertCanExport('bundle')
    expect(await vault.collection('secret').list()).toEqual([{ of: 'secret' }])
    await ann.setExportCapability('v', { userId: 'viewer', exportCapability: null })
    const after = await (await as('viewer')).openVault('v')
    expect(() => after.assertCanExport('bundle')).toThrow(ExportCapabilityError)
    await expect((await as('admin')).setExportCapability('v', change)).rejects.toThrow(PermissionDeniedError)
    await expect(ann.setExportCapability('v', { ...change, userId: 'eve' })).rejects.toThrow(NoAccessError)
  })
})

describe('export capability of oneself', () => {
  it('counts at once, and keys that were made meanwhile stay', async () => {
    const { ann } = await office()
    const vault = await ann.openVault('v')
    const change = (plaintext: string[]) =>
      ann.setExportCapability('v', { userId: 'ann', exportCapability: { plaintext } })
    await change(['csv'])
    vault.assertCanExport('plaintext', 'csv')
    expect(() => vault.assertCanExport('plaintext', 'xlsx')).toThrow(ExportCapabilityError)
    await Promise.all([vault.collection('new').put('n', { of: 'new' }), change(['xlsx'])])
    vault.assertCanExport('plaintext', 'xlsx')
    expect(() => vault.assertCanExport('plaintext', 'csv')).toThrow(ExportCapabilityError)
    expect(await vault.collection('new').list()).toEqual([{ of: 'new' }])
  })
})

describe('many vaults', () => {
  it('of one user take one derivation, and so do the grants into them', async () => {
    const store = memory()
    const ann = await session(store)
    const names = Array.from({ length: 200 }, (_, at) => `v${at}`)
    for (const name of names) await ann.openVault(name)
    const start = countDerivations()
    for (const name of names) await ann.grant(name, member('vic', 'viewer'))
    expect(countDerivations() - start).toBe(1)
    const vic = await session(store, { user: 'vic' })
    for (const name of names) expect((await vic.openVault(name, { create: false })).role).toBe('viewer')
    await vic.openVault('his own')
    expect(countDerivations() - start).toBe(2)
  })
})

describe('without encryption', () => {
  it('there is nothing to grant or revoke', async () => {
    const ann = await session(memory(), { encrypt: false })
    const vault = await ann.openVault('v')
    await expect(ann.grant('v', member('vic', 'viewer'))).rejects.toThrow(ValidationError)
    await expect(ann.revoke('v', { userId: 'vic' })).rejects.toThrow(ValidationError)
    expect(() => vault.assertCanExport('plaintext', 'xlsx')).toThrow(ExportCapabilityError)
    vault.assertCanExport('bundle')
  })
})
