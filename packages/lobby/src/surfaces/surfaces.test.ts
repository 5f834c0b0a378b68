/** Two offices agree, change their minds, and end it, by files that travel in any order. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NoydbStore, Transaction } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { failingStore } from '../federation/fixture-firm.ts'
import { StateManagementVault } from '../federation/registry/state-management-vault.ts'
import { newKeyPair } from '../identity/keys.ts'
import { decodeSurfaceFile, encodeSurfaceFile, signAct, type SurfaceAct } from './act-file.ts'
import { actOnSurface, agreeSurface } from './agree.ts'
import { agreeBetween, DAY, definition, openParty, places, START, type Party } from './testing/parties.ts'
import { SurfacePartyUnknownError } from './parties.ts'
import { openSurfaces } from './surfaces.ts'

const disk = places()
const stores: Array<[name: string, make: () => NoydbStore | Promise<NoydbStore>]> = [
  ['memory', memory],
  ['sqlite', disk.sqlite],
]
let firm: Party
let client: Party

beforeEach(async () => {
  firm = await openParty('firm')
  client = await openParty('client')
})
afterEach(disk.clear)

const terms = {
  collections: ['partners'],
  direction: 'bidi',
  conflictPolicy: { strategy: 'three-way' },
} as const

async function sameRows(id: string): Promise<void> {
  const [ours, theirs] = [await firm.surfaces.get(id), await client.surfaces.get(id)]
  expect(ours).toEqual(theirs)
}

describe('what is written with an act', () => {
  const note = (party: Party) => party.state._vault.collection('notes')
  const alongside =
    (party: Party, text: string) =>
    (tx: Transaction): void => {
      tx.put(party.state._vault, 'notes', 'contacts', { text })
    }

  it.each(['surfaceActs', 'notes'])(
    'is there with it or not at all, when the disk fails at %s',
    async (at) => {
      let broken = false
      const store = failingStore(memory(), (_call, _vault, name) => broken && name === at)
      firm = await openParty('firm', store)
      const propose = () =>
        firm.surfaces.propose(definition, client.identity, { alongside: alongside(firm, 'proposed') })
      broken = true
      await expect(propose()).rejects.toThrow('disk:')
      broken = false
      expect(await firm.surfaces.list()).toEqual([])
      expect(await note(firm).get('contacts')).toBeNull()
      await propose()
      expect(await note(firm).get('contacts')).toEqual({ text: 'proposed' })
    },
  )

  it('goes with an answer and with a file that is taken, and not with one that is refused', async () => {
    const asked = await firm.surfaces.propose(definition, client.identity)
    const trust = firm.identity.fingerprint
    const also = { alongside: alongside(client, 'taken') }
    await expect(client.surfaces.receive(asked.file, also)).rejects.toThrow(SurfacePartyUnknownError)
    expect(await note(client).get('contacts')).toBeNull()
    await client.surfaces.receive(asked.file, { trust, ...also })
    expect(await note(client).get('contacts')).toEqual({ text: 'taken' })
    // A file that is known already still says which client it is about.
    await client.surfaces.receive(asked.file, { alongside: alongside(client, 'again') })
    expect(await note(client).get('contacts')).toEqual({ text: 'again' })
    await client.surfaces.decide('contacts', { kind: 'agree' }, { alongside: alongside(client, 'agreed') })
    expect(await note(client).get('contacts')).toEqual({ text: 'agreed' })
    const twice = client.surfaces.decide(
      'contacts',
      { kind: 'agree' },
      { alongside: alongside(client, 'twice') },
    )
    await expect(twice).rejects.toMatchObject({ code: 'SURFACE_STATE' })
    expect(await note(client).get('contacts')).toEqual({ text: 'agreed' })
  })
})

describe.each(stores)('an agreement between workspaces on %s', (_name, make) => {
  it('is made by a proposal and a countersignature, and is the same on both sides', async () => {
    firm = await openParty('firm', await make())
    client = await openParty('client', await make())
    const asked = await firm.surfaces.propose(definition, client.identity)
    expect(asked.row).toMatchObject({
      id: 'contacts',
      status: 'proposed',
      proposedBy: 'firm',
      createdAt: START,
    })
    expect(asked.consequences.map(({ code }) => code)).toEqual(['waits-for-countersignature'])
    const taken = await client.surfaces.receive(asked.file, { trust: firm.identity.fingerprint })
    expect(taken).toMatchObject({ outcome: 'applied', row: { status: 'proposed' } })
    client.clock.now += DAY
    const answer = await client.surfaces.decide('contacts', { kind: 'agree', reason: 'as discussed' })
    expect(answer.consequences.map(({ code }) => code)).toEqual(['exchange-begins'])
    const done = await firm.surfaces.receive(answer.file)
    expect(done.row).toMatchObject({ status: 'agreed', agreedBy: 'client', agreedAt: START + DAY })
    expect(done.row.agreement).toMatchObject({ version: 1, suspendedBy: [] })
    await sameRows('contacts')
    expect((await firm.surfaces.files('contacts')).map(({ side, act }) => [side, act.act])).toEqual([
      ['other', 'agree'],
      ['proposer', 'propose'],
    ])
  })
})

describe('a signed agreement', () => {
  it('says what it would change before it is taken', async () => {
    const { file } = await firm.surfaces.propose(definition, client.identity)
    await expect(client.surfaces.inspect(file)).rejects.toBeInstanceOf(SurfacePartyUnknownError)
    const trust = { trust: firm.identity.fingerprint }
    const first = await client.surfaces.inspect(file, trust)
    expect(first).toMatchObject({ outcome: 'applied', row: { status: 'proposed', proposedBy: 'firm' } })
    expect(await client.surfaces.list()).toEqual([])
    await client.surfaces.receive(file, trust)
    expect(await client.surfaces.inspect(file)).toMatchObject({ outcome: 'unchanged' })
    const answer = await client.surfaces.decide('contacts', { kind: 'agree' })
    const told = await firm.surfaces.inspect(answer.file, { trust: client.identity.fingerprint })
    expect(told.consequences.map(({ code }) => code)).toEqual(['exchange-begins'])
    expect(await firm.surfaces.get('contacts')).toMatchObject({ status: 'proposed' })
  })

  it('keeps both signatures after a restart, and finds a row that was altered', async () => {
    const store = memory()
    firm = await openParty('firm', store)
    const id = await agreeBetween(firm, client)
    const again = openSurfaces(await StateManagementVault.open(firm.db))
    for (const { file, hash } of await again.files(id)) {
      expect(decodeSurfaceFile(file).signature).toHaveLength(88)
      expect(hash).toMatch(/^[0-9a-f]{64}$/)
    }
    const acts = firm.state._vault.collection<{ file: string; side: string }>('surfaceActs')
    const row = (await acts.entries()).find(({ record }) => record.side === 'proposer')
    const altered = row!.record.file.replace('"email"', '"emain"')
    await acts.put(row!.id, { ...row!.record, file: altered })
    await expect(again.files(id)).rejects.toMatchObject({ code: 'SURFACE_FILE_FORGED' })
    await expect(again.decide(id, { kind: 'suspend' })).rejects.toMatchObject({ code: 'SURFACE_FILE_FORGED' })
  })

  it('takes wider terms when both sign, narrower ones when one does', async () => {
    const id = await agreeBetween(firm, client)
    const wide = { ...terms, collections: ['partners', 'orders'] }
    const asked = await client.surfaces.decide(id, { kind: 'propose', terms: wide })
    await firm.surfaces.receive(asked.file)
    expect(await firm.surfaces.get(id)).toMatchObject({ collections: ['partners'], status: 'agreed' })
    const preview = await firm.surfaces.consequences(id, { kind: 'agree' })
    expect(preview).toMatchObject([
      { code: 'newly-shared', slices: [{ collection: 'orders' }, { collection: 'partners' }] },
      { code: 'version-changes', version: 2 },
    ])
    await client.surfaces.receive((await firm.surfaces.decide(id, { kind: 'agree' })).file)
    expect(await client.surfaces.get(id)).toMatchObject({ collections: ['orders', 'partners'] })
    const less = await firm.surfaces.decide(id, {
      kind: 'narrow',
      collections: ['partners'],
      fields: { partners: ['name'] },
    })
    expect(less.consequences.map(({ code }) => code)).toEqual(['no-longer-shared', 'version-changes'])
    await client.surfaces.receive(less.file)
    expect((await client.surfaces.get(id)).agreement?.version).toBe(3)
    await sameRows(id)
    const reserved = { kind: 'propose', terms: { ...terms, collections: ['_audit'] } } as const
    await expect(client.surfaces.decide(id, reserved)).rejects.toMatchObject({ code: 'SURFACE_INVALID' })
    const wider = { kind: 'narrow', collections: ['partners', 'payments'] } as const
    await expect(client.surfaces.decide(id, wider)).rejects.toMatchObject({ code: 'SURFACE_NOT_NARROWER' })
  })

  it('is suspended by each for itself, resumed, declined, withdrawn', async () => {
    const id = await agreeBetween(firm, client)
    const [ours, theirs] = [
      await firm.surfaces.decide(id, { kind: 'suspend', reason: 'audit' }),
      await client.surfaces.decide(id, { kind: 'suspend' }),
    ]
    expect(ours.consequences.map(({ code }) => code)).toEqual(['exchange-stops', 'stays-with-receiver'])
    await firm.surfaces.receive(theirs.file)
    await client.surfaces.receive(ours.file)
    const lifted = await firm.surfaces.decide(id, { kind: 'resume' })
    expect(lifted.row.status).toBe('suspended')
    expect(lifted.consequences.map(({ code }) => code)).toEqual(['stays-suspended-by-other'])
    await client.surfaces.receive(lifted.file)
    const last = await client.surfaces.decide(id, { kind: 'resume' })
    expect(last.consequences.map(({ code }) => code)).toEqual(['exchange-resumes'])
    await firm.surfaces.receive(last.file)
    const end = await client.surfaces.decide(id, { kind: 'withdraw' })
    expect(end.consequences.map(({ code }) => code)).toEqual(['ends-for-good', 'stays-with-receiver'])
    await firm.surfaces.receive(end.file)
    expect(await firm.surfaces.get(id)).toMatchObject({ status: 'suspended', ending: 'withdrawn' })
    await expect(firm.surfaces.decide(id, { kind: 'resume' })).rejects.toMatchObject({
      code: 'SURFACE_STATE',
      currentStatus: 'suspended',
    })
    const other = await firm.surfaces.propose({ ...definition, id: 'second' }, client.identity)
    await client.surfaces.receive(other.file, { trust: firm.identity.fingerprint })
    const no = await client.surfaces.decide('second', { kind: 'decline', reason: 'too much' })
    expect((await firm.surfaces.receive(no.file)).row).toMatchObject({
      status: 'suspended',
      ending: 'declined',
    })
  })

  it('ends at its time, is renewed by both, and a clock that goes back revives nothing', async () => {
    const id = await agreeBetween(firm, client, { expiresAt: START + 30 * DAY })
    firm.clock.now = START + 30 * DAY
    expect(await firm.surfaces.expire()).toMatchObject([{ id, status: 'suspended', ending: 'expired' }])
    firm.clock.now = START
    expect(await firm.surfaces.expire()).toEqual([])
    await firm.surfaces.receive((await client.surfaces.decide(id, { kind: 'suspend' })).file)
    await firm.surfaces.receive((await client.surfaces.decide(id, { kind: 'resume' })).file)
    expect(await firm.surfaces.get(id)).toMatchObject({ status: 'suspended', ending: 'expired' })
    firm.clock.now = START + 31 * DAY
    const asked = await firm.surfaces.decide(id, { kind: 'renew', expiresAt: START + 400 * DAY })
    await client.surfaces.receive(asked.file)
    const renewed = await firm.surfaces.receive((await client.surfaces.decide(id, { kind: 'agree' })).file)
    expect(renewed.row).toMatchObject({
      status: 'agreed',
      expiresAt: START + 400 * DAY,
      agreement: { version: 2 },
    })
    expect(renewed.row.ending).toBeUndefined()
    const decades = { kind: 'renew', expiresAt: START + 4000 * DAY } as const
    await expect(firm.surfaces.decide(id, decades)).rejects.toMatchObject({ code: 'SURFACE_INVALID' })
  })

  it('changes by signed files alone', async () => {
    const id = await agreeBetween(firm, client)
    const suspend = actOnSurface(firm.state, id, { kind: 'suspend', by: 'firm' }, START)
    await expect(suspend).rejects.toMatchObject({ code: 'SURFACE_SIGNED' })
    const asked = await firm.surfaces.propose({ ...definition, id: 'p' }, { party: 'client' })
    await expect(agreeSurface(firm.state, asked.row.id, 'client', START)).rejects.toMatchObject({
      code: 'SURFACE_SIGNED',
    })
  })
})

describe('acts made without knowledge of each other', () => {
  it('leave the same agreement on both sides, whichever arrives first', async () => {
    const id = await agreeBetween(firm, client)
    const ours = await firm.surfaces.decide(id, { kind: 'propose', terms: { ...terms, collections: ['a'] } })
    const theirs = await client.surfaces.decide(id, {
      kind: 'propose',
      terms: { ...terms, collections: ['b'] },
    })
    expect(await firm.surfaces.receive(theirs.file)).toMatchObject({
      outcome: 'lapsed',
      code: 'SURFACE_ASKED',
    })
    const late = await client.surfaces.receive(ours.file)
    expect(late).toMatchObject({ outcome: 'applied', undone: [{ act: 'propose' }] })
    await sameRows(id)
    await firm.surfaces.receive((await client.surfaces.decide(id, { kind: 'agree' })).file)
    expect((await firm.surfaces.get(id)).collections).toEqual(['a'])
    await sameRows(id)
  })

  it('a withdrawal comes before a countersignature that did not know of it', async () => {
    const asked = await firm.surfaces.propose(definition, client.identity)
    await client.surfaces.receive(asked.file, { trust: firm.identity.fingerprint })
    const back = await firm.surfaces.decide('contacts', { kind: 'withdraw' })
    const agreed = await client.surfaces.decide('contacts', { kind: 'agree' })
    expect(await firm.surfaces.receive(agreed.file)).toMatchObject({
      outcome: 'lapsed',
      code: 'SURFACE_STATE',
    })
    expect(await client.surfaces.receive(back.file)).toMatchObject({ undone: [{ act: 'agree' }] })
    await sameRows('contacts')
    expect(await client.surfaces.get('contacts')).toMatchObject({ ending: 'withdrawn' })
  })

  it('two sessions of one office do not overwrite each other', async () => {
    const store = memory()
    firm = await openParty('firm', store)
    const id = await agreeBetween(firm, client)
    const second = await openParty('firm', store)
    await second.surfaces.get(id)
    const both = [
      firm.surfaces.decide(id, { kind: 'suspend' }),
      second.surfaces.decide(id, {
        kind: 'narrow',
        collections: ['partners'],
        fields: { partners: ['name'] },
      }),
    ]
    const issued = await Promise.all(both)
    expect(issued.map(({ act }) => act.number).sort()).toEqual([2, 3])
    const row = await second.surfaces.get(id)
    expect(row).toMatchObject({ status: 'suspended', fields: { partners: ['name'] } })
    expect(await firm.surfaces.get(id)).toEqual(row)
  })
})

describe('a file', () => {
  async function proposal(): Promise<{ file: string; act: SurfaceAct }> {
    const { file, act } = await firm.surfaces.propose(definition, client.identity)
    return { file, act }
  }

  it('taken twice changes nothing', async () => {
    const { file } = await proposal()
    const first = await client.surfaces.receive(file, { trust: firm.identity.fingerprint })
    const again = await client.surfaces.receive(`  ${file}`)
    expect(again).toMatchObject({ outcome: 'unchanged', consequences: [] })
    expect(again.row).toEqual(first.row)
    expect(await client.surfaces.files('contacts')).toHaveLength(1)
  })

  it('of somebody nobody knows is refused until the fingerprint was compared', async () => {
    const { file } = await proposal()
    const refused = client.surfaces.receive(file)
    await expect(refused).rejects.toBeInstanceOf(SurfacePartyUnknownError)
    await expect(refused).rejects.toMatchObject({ party: 'firm', fingerprint: firm.identity.fingerprint })
    await expect(client.surfaces.receive(file, { trust: '0000 1111' })).rejects.toMatchObject({
      code: 'SURFACE_PARTY_UNKNOWN',
    })
    expect(await client.surfaces.list()).toEqual([])
  })

  it('to somebody whose key is not known is countersigned by whom the proposer confirms', async () => {
    const { file } = await firm.surfaces.propose(definition, { party: 'client' })
    await client.surfaces.receive(file, { trust: firm.identity.fingerprint })
    const answer = await client.surfaces.decide('contacts', { kind: 'agree' })
    await expect(firm.surfaces.receive(answer.file)).rejects.toBeInstanceOf(SurfacePartyUnknownError)
    const done = await firm.surfaces.receive(answer.file, {
      trust: client.identity.fingerprint.toUpperCase(),
    })
    expect(done.row.agreement?.parties?.other).toEqual({
      party: 'client',
      publicKey: client.identity.publicKey,
    })
    await sameRows('contacts')
  })

  it('by another party, for another party, or of our own is refused', async () => {
    const { file, act } = await proposal()
    const mallory = await openParty('mallory')
    await expect(mallory.surfaces.receive(file)).rejects.toMatchObject({ code: 'SURFACE_PARTY' })
    await client.surfaces.receive(file, { trust: firm.identity.fingerprint })
    const keys = { ...newKeyPair(), party: 'firm', createdAt: '' }
    const { noydbSurface: _format, by: _by, signature: _signature, ...rest } = act
    const own = { ...rest, act: 'withdraw' as const, number: 2 }
    const { terms: _terms, version: _version, ...withdrawal } = own
    const forged = encodeSurfaceFile(signAct(withdrawal, keys))
    await expect(client.surfaces.receive(forged)).rejects.toMatchObject({ code: 'SURFACE_PARTY' })
    const mine = await client.surfaces.decide('contacts', { kind: 'agree' })
    await expect(firm.surfaces.propose({ ...definition, id: 'x' }, firm.identity)).rejects.toMatchObject({
      code: 'SURFACE_OWN_PROPOSAL',
    })
    expect((await client.surfaces.receive(mine.file)).outcome).toBe('unchanged')
  })

  it('of an own proposal is not countersigned by a colleague', async () => {
    const store = memory()
    firm = await openParty('firm', store)
    await firm.surfaces.propose(definition, { party: 'client' })
    const grant = { userId: 'eve', displayName: 'Eve', role: 'owner', passphrase: 'secret of eve' } as const
    await firm.db.grant('__noydb_state__', grant)
    const eve = await openParty('eve', store)
    const answer = eve.surfaces.decide('contacts', { kind: 'agree' })
    await expect(answer).rejects.toMatchObject({ code: 'SURFACE_PARTY' })
  })

  it('that was altered, cut off, too large or no such thing is refused', async () => {
    const { file } = await proposal()
    const trust = { trust: firm.identity.fingerprint }
    const cases: Array<[string, string | Uint8Array]> = [
      ['SURFACE_FILE_FORGED', file.replace('"email"', '"emain"')],
      ['SURFACE_FILE_FORGED', file.replace('"seen":0', '"seen":1')],
      ['SURFACE_FILE_INVALID', file.slice(0, -20)],
      ['SURFACE_FILE_INVALID', file.replace('"number":1', '"number":1,"number":1')],
      ['SURFACE_FILE_INVALID', file.replace('"number":1', '"number":1,"more":1')],
      ['SURFACE_FILE_INVALID', file.replace('["email","name"]', '["name","email"]')],
      ['SURFACE_FILE_INVALID', file.replace('"partners"', '"_audit"')],
      ['SURFACE_FILE_INVALID', file + ' '.repeat(256 * 1024)],
      ['SURFACE_FILE_INVALID', new Uint8Array([0xff, 0xfe])],
      ['SURFACE_FILE_INVALID', '[]'],
    ]
    for (const [code, bytes] of cases) {
      await expect(client.surfaces.receive(bytes, trust), String(bytes).slice(0, 80)).rejects.toMatchObject({
        code,
      })
    }
    expect(await client.surfaces.list()).toEqual([])
  })

  it('with a gap before it, with a number that was taken, or of an older version is refused', async () => {
    const id = await agreeBetween(firm, client)
    const first = await firm.surfaces.decide(id, { kind: 'suspend' })
    const second = await firm.surfaces.decide(id, { kind: 'resume' })
    await expect(client.surfaces.receive(second.file)).rejects.toMatchObject({ code: 'SURFACE_FILE_MISSING' })
    await client.surfaces.receive(first.file)
    await client.surfaces.receive(second.file)
    const keys = await firm.state._vault.collection<never>('identity').get('firm')
    const { noydbSurface: _format, by: _by, signature: _signature, ...rest } = second.act
    const fork = encodeSurfaceFile(signAct({ ...rest, act: 'withdraw' }, keys!))
    await expect(client.surfaces.receive(fork)).rejects.toMatchObject({ code: 'SURFACE_FILE_FORKED' })
    const ahead = encodeSurfaceFile(
      signAct({ ...rest, number: 4, previous: await lastHash(id), seen: 9 }, keys!),
    )
    await expect(client.surfaces.receive(ahead)).rejects.toMatchObject({ code: 'SURFACE_FILE_FORKED' })
    const old = {
      ...rest,
      number: 4,
      previous: await lastHash(id),
      act: 'propose' as const,
      version: 1,
      terms,
    }
    const stale = encodeSurfaceFile(signAct(old, keys!))
    await expect(client.surfaces.receive(stale)).rejects.toMatchObject({ code: 'SURFACE_VERSION_OLD' })
    expect(await client.surfaces.get(id)).toMatchObject({ status: 'agreed' })
  })

  async function lastHash(id: string): Promise<string> {
    const files = await client.surfaces.files(id)
    return files.filter(({ side }) => side === 'proposer').at(-1)?.hash ?? ''
  }
})
