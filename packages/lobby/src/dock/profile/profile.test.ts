import { describe, expect, it } from 'vitest'
import { openOffice } from '../../fixture-office.ts'
import { csvReader } from '../csv/reader.ts'
import { textSource } from '../fixture-sources.ts'
import type { Cells } from '../source/types.ts'
import { plainDate, plainDecimal } from '../source/values.ts'
import { mapRow } from './map-rows.ts'
import { previewMapping } from './preview.ts'
import { deleteProfile, getProfile, listProfiles, saveProfile } from './saved.ts'
import { parseProfile, type MappingProfileInput } from './schema.ts'

type Fields = MappingProfileInput['fields']

function profileOf(fields: Fields, more: Partial<MappingProfileInput> = {}) {
  return parseProfile({
    format: 1,
    id: 'bank',
    name: 'Bank',
    kind: 'csv',
    collection: 'payments',
    key: ['no'],
    fields,
    ...more,
  })
}

function mapped(fields: Fields, cells: Cells) {
  const { record, faults } = mapRow(
    { cells: { no: '1', ...cells }, place: { line: 2 }, faults: [] },
    profileOf(fields),
  )
  return { record, faults: faults.map(({ message }) => message) }
}

describe('numbers and days', () => {
  it.each([
    ['1.234,50', ',', '1234.50'],
    ['1 234,5', ',', '1234.5'],
    ["1'234.50", '.', '1234.50'],
    ['-7', '.', '-7'],
    ['+7', '.', '7'],
    ['(5.00)', '.', '-5.00'],
    ['5,00-', ',', '-5.00'],
    ['1,23,456', '.', null],
    ['1.234,50', '.', null],
    ['1e5', '.', null],
    ['', '.', null],
    ['--5', '.', null],
  ] as const)('%s with %s is %s', (text, mark, plain) => {
    expect(plainDecimal(text, mark)).toBe(plain)
  })

  it.each([
    ['1996-07-04 00:00:00.000', 'ymd', '1996-07-04'],
    ['4.7.1996', 'dmy', '1996-07-04'],
    ['07/04/1996', 'mdy', '1996-07-04'],
    ['19960704', 'ymd', '1996-07-04'],
    ['31.02.2025', 'dmy', null],
    ['04.07.96', 'dmy', null],
    ['1996-07-04junk', 'ymd', null],
  ] as const)('%s as %s is %s', (text, order, plain) => {
    expect(plainDate(text, order)).toBe(plain)
  })
})

describe('a row', () => {
  it('is converted as the profile says', () => {
    const found = mapped(
      [
        { path: 'amount', from: { as: 'minor', column: 'amount', mark: ',', currency: { code: 'EUR' } } },
        { path: 'yen', from: { as: 'minor', column: 'yen', currency: { column: 'cur' } } },
        { path: 'rate', from: { as: 'decimal', column: 'rate', mark: ',' } },
        { path: 'date', from: { as: 'date', column: 'date', order: 'dmy' } },
        { path: 'paid', from: { as: 'boolean', column: 'paid', yes: ['ja'], no: ['nein'] } },
        { path: 'kind', from: { as: 'constant', value: 'bank' } },
        { path: 'address.city', from: { as: 'text', column: 'city' } },
        { path: 'address.street', from: { as: 'text', column: 'street' } },
        { path: 'text', from: { as: 'join', columns: ['a', 'b', 'c'], separator: ', ' } },
        { path: 'gone', from: { as: 'text', column: 'gone' } },
      ],
      {
        amount: '1.234,50',
        yen: '500',
        cur: 'JPY',
        rate: '0,190',
        date: '3.11.2025',
        paid: 'Ja',
        city: ' Köln ',
        street: 'Ring 1',
        a: 'x',
        b: '',
        c: 'z',
      },
    )
    expect(found).toEqual({
      record: {
        amount: 123450,
        yen: 500,
        rate: '0.190',
        date: '2025-11-03',
        paid: true,
        kind: 'bank',
        address: { city: 'Köln', street: 'Ring 1' },
        text: 'x, z',
      },
      faults: [],
    })
  })

  it('is never guessed at nor rounded', () => {
    const currency = { code: 'EUR' }
    const { record, faults } = mapped(
      [
        { path: 'a', from: { as: 'minor', column: 'a', currency } },
        { path: 'b', from: { as: 'minor', column: 'b', currency: { column: 'cur' } } },
        { path: 'c', from: { as: 'integer', column: 'c' } },
        { path: 'd', from: { as: 'boolean', column: 'd', yes: ['y'], no: ['n'] } },
        { path: 'e', from: { as: 'minor', column: 'e', currency } },
        { path: 'f', from: { as: 'text', column: 'f' }, required: true },
        { path: 'g', from: { as: 'text', column: 'g' } },
      ],
      { a: '1.005', b: '1', cur: 'euro', c: '1.5', d: 'maybe', e: '9'.repeat(20), g: ['list'] },
    )
    expect(record).toEqual({})
    expect(faults).toEqual([
      '1.005 has more decimals than EUR has.',
      '"euro" is no currency.',
      '"1.5" is no whole number.',
      '"maybe" is neither yes nor no.',
      `${'9'.repeat(20)} is too large an amount.`,
      'f is missing.',
      'It holds a list or an object.',
    ])
  })

  it('keeps its id from file to file, and has none without its whole key', () => {
    const profile = profileOf([{ path: 'a', from: { as: 'text', column: 'a' } }], { key: ['no', 'pos'] })
    const id = (cells: Cells, line: number) => mapRow({ cells, place: { line }, faults: [] }, profile).id
    expect(id({ no: '1', pos: ' 2', a: 'x' }, 2)).toBe(id({ a: 'y', pos: '2', no: '1' }, 9))
    expect(id({ no: '1', pos: '2' }, 2)).not.toBe(id({ no: '12', pos: '' }, 2))
    expect(id({ no: '1' }, 2)).toBeNull()
  })
})

describe('a preview', () => {
  it('shows converted rows beside raw ones, and lists every faulty row with its place', async () => {
    const profile = profileOf([
      { path: 'amount', from: { as: 'minor', column: 'amount', currency: { code: 'EUR' } } },
    ])
    const text = `no,amount\n1,5.00\n2,five\n1,6.00\n,7.00\n5,8.00,9\n${'6,1.00\n'.replace('6', '7')}`
    const preview = await previewMapping(csvReader, textSource('x.csv', text), profile, { sample: 1 })
    expect(preview).toMatchObject({ rows: 6, faulty: 4 })
    expect(preview.sample).toMatchObject([
      { raw: { no: '1', amount: '5.00' }, record: { amount: 500 }, place: { line: 2 } },
    ])
    expect(preview.faults.map(({ place, faults }) => [place, faults.map(({ code }) => code)])).toEqual([
      [{ line: 3 }, ['CELL']],
      [{ line: 4 }, ['REPEATED_KEY']],
      [{ line: 5 }, ['MISSING']],
      [{ line: 6 }, ['RAGGED']],
    ])
  })
})

describe('saved profiles', () => {
  it('are parsed on the way in, found again, and replaced only as seen', async () => {
    const db = await openOffice('firm')
    const profile = profileOf([{ path: 'a', from: { as: 'text', column: 'a' } }])
    await saveProfile(db, profile, { expectedVersion: 0 })
    expect(await listProfiles(db)).toEqual([{ profile, version: 1 }])
    await expect(saveProfile(db, profile, { expectedVersion: 0 })).rejects.toMatchObject({ code: 'CONFLICT' })
    await saveProfile(db, { ...profile, name: 'New' }, { expectedVersion: 1 })
    expect((await getProfile(db, 'bank')).profile.name).toBe('New')
    await deleteProfile(db, 'bank')
    await expect(getProfile(db, 'bank')).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' })
  })

  it('of the first format are read beside those of the second', async () => {
    const db = await openOffice('firm')
    const from = { as: 'text', column: 'a' } as const
    await saveProfile(db, profileOf([{ path: 'a', from }]))
    await saveProfile(db, {
      ...profileOf([{ path: 'a', from }]),
      format: 2,
      id: 'flat',
      name: 'Flat',
      fields: [{ path: 'lines.*.a', from }],
      lines: { path: 'lines', rows: 'grouped' },
    })
    expect((await listProfiles(db)).map(({ profile }) => [profile.format, profile.lines?.rows])).toEqual([
      [1, undefined],
      [2, 'grouped'],
    ])
  })

  it.each([
    ['no fields', { fields: [] }],
    ['a field twice', { fields: [1, 2].map(() => ({ path: 'a', from: { as: 'text', column: 'a' } })) }],
    ['a reserved collection', { collection: '_history' }],
    ['a path into the prototype', { fields: [{ path: '__proto__.x', from: { as: 'text', column: 'a' } }] }],
    ['a member nobody knows', { script: 'alert(1)' }],
    ['no key', { key: [] }],
  ])('with %s are refused', async (_what, change) => {
    const db = await openOffice('firm')
    const profile = profileOf([{ path: 'a', from: { as: 'text', column: 'a' } }])
    await expect(saveProfile(db, { ...profile, ...change })).rejects.toMatchObject({
      code: 'PROFILE_INVALID',
    })
  })
})
