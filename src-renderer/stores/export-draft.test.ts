/** Over real services: the office at hand took a bundle of Harbour Bookkeeping, so their key is known. */
import { beforeEach, describe, expect, it } from 'vitest'
import { beginWorkspace, conflicts } from '../testing/cable.ts'
import { ExportDraft } from './export-draft.svelte.ts'

let draft: ExportDraft

beforeEach(async () => {
  await beginWorkspace(conflicts(1))
  draft = new ExportDraft()
  draft.vaults = ['clients--VINET']
})

async function name(party: string): Promise<void> {
  draft.party = party
  await draft.recipient.fetch()
}

describe('ExportDraft', () => {
  it('seals keys to a party whose key is known, unless a person says otherwise', async () => {
    await name('Harbour Bookkeeping')
    expect([draft.form, draft.complete]).toEqual(['sealed', true])
    expect(draft.request()).toEqual({
      party: 'Harbour Bookkeeping',
      vaults: ['clients--VINET'],
      key: { form: 'sealed' },
    })
    draft.choose('file')
    expect(draft.form).toBe('file')
    draft.choose('sealed')
    await name('Somebody else')
    expect(draft.form).toBe('file')
  })

  it('asks for a passphrase that is long enough, and twice', async () => {
    await name('Somebody else')
    draft.choose('wrapped')
    expect(draft.complete).toBe(false)
    draft.passphrase.value = draft.passphrase.repeated = 'too short'
    expect(draft.complete).toBe(false)
    draft.passphrase.value = draft.passphrase.repeated = 'long enough'
    expect(draft.complete).toBe(true)
    expect(draft.request().key).toEqual({ form: 'wrapped', passphrase: 'long enough' })
    draft.reset()
    expect([draft.form, draft.passphrase.value, draft.vaults]).toEqual(['file', '', []])
  })

  it('has nobody type the keys of many clients, and wants a recipient and a client', async () => {
    draft.choose('text')
    const sixteen = Array.from({ length: 16 }, (_, at) => `clients--${at}`)
    draft.vaults = [...sixteen, 'clients--VINET']
    await name('Somebody else')
    expect([draft.tooManyToType, draft.complete]).toEqual([true, false])
    draft.vaults = sixteen
    expect([draft.tooManyToType, draft.complete]).toEqual([false, true])
    await name(' ')
    expect([draft.complete, draft.recipient.value]).toEqual([false, undefined])
  })
})
