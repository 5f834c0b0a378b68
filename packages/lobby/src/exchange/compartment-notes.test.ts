import { expect, it } from 'vitest'
import type { CompartmentManifest } from '../bundle/types.ts'
import { openNotes, sealNotes, type CompartmentNotes } from './compartment-notes.ts'

const KEY = new Uint8Array(32).fill(7)
const entry = { handle: 'h', innerBytes: 0, innerSha256: 'a'.repeat(64) }
const AT = '2026-05-01T10:00:00.000Z'

const notes: CompartmentNotes = {
  deleted: [
    { collection: 'orders', id: 'a/b', at: AT },
    { collection: 'orders', id: '😀', at: AT },
  ],
  unsettled: [{ collection: 'partners', id: 'constructor' }],
  leftOut: [
    { collection: 'orders', id: 'x', exchangeId: '1' },
    { collection: 'orders', id: 'x', exchangeId: '2' },
  ],
}

function sealed(told: CompartmentNotes): CompartmentManifest {
  const text = sealNotes(told, KEY, entry)
  return text === undefined ? entry : { ...entry, notes: text }
}

it('comes back as it was, and is not there where there is nothing to say', () => {
  expect(openNotes(sealed(notes), KEY)).toEqual(notes)
  const none = { deleted: [], unsettled: [], leftOut: [] }
  expect(sealed(none).notes).toBeUndefined()
  expect(openNotes(entry, KEY)).toEqual(none)
})

it('names nothing in clear', () => {
  expect(JSON.stringify(sealed(notes))).not.toMatch(/orders|constructor/)
})

it('opens with its key, in its compartment, whole, and only if it is as described', () => {
  const good = sealed(notes)
  const refused = { code: 'BUNDLE_INVALID' }
  const opening = (other: Partial<CompartmentManifest>, key = KEY) => {
    try {
      return openNotes({ ...good, ...other }, key)
    } catch (error) {
      return error
    }
  }
  expect(opening({}, new Uint8Array(32).fill(8))).toMatchObject(refused)
  expect(opening({ handle: 'other' })).toMatchObject(refused)
  expect(opening({ innerSha256: 'b'.repeat(64) })).toMatchObject(refused)
  expect(opening({ notes: good.notes?.slice(0, -8) ?? '' })).toMatchObject(refused)
  expect(opening({ notes: 'AAAA' })).toMatchObject(refused)
  expect(opening({ notes: 5 as never })).toMatchObject(refused) // whatever a file says
  const twice = { ...notes, unsettled: [...notes.unsettled, ...notes.unsettled] }
  expect(opening({ notes: sealNotes(twice, KEY, entry) ?? '' })).toMatchObject(refused)
  for (const collection of ['_bases', 'a/b', '']) {
    const reserved = { ...notes, deleted: [{ collection, id: 'a', at: AT }] }
    expect(opening({ notes: sealNotes(reserved, KEY, entry) ?? '' })).toMatchObject(refused)
  }
  const late = { ...notes, deleted: [{ collection: 'orders', id: 'a', at: 'yesterday' }] }
  expect(opening({ notes: sealNotes(late, KEY, entry) ?? '' })).toMatchObject(refused)
})
