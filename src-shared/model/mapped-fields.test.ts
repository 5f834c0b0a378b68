/** Sums stand behind what they are made of, and are made of what there is. */
import { describe, expect, it } from 'vitest'
import type { Conversion } from '../ipc/foreign.ts'
import { mappedFields } from './mapped-fields.ts'

const targets = [
  { path: 'net', required: false, sumOf: ['lines.*.amount', 'freight'] },
  { path: 'vat', required: false },
  { path: 'total', required: true, sumOf: ['net', 'vat'] },
]
const amount = (column: string): Conversion => ({ as: 'minor', column, mark: '.', currency: { code: 'EUR' } })
const sum = (path: string): [string, Conversion] => [
  path,
  { as: 'sum', of: targets.find((one) => one.path === path)?.sumOf ?? [] },
]
const line: [string, Conversion] = ['lines.*.amount', amount('Amount')]
const rate: [string, Conversion] = [
  'vat',
  { as: 'rate', column: 'VAT', mark: '.', per: 100, of: 'lines.*.amount' },
]

function fields(...chosen: [string, Conversion][]) {
  return mappedFields(new Map(chosen), targets).map(({ path, from }) => [
    path,
    from.as === 'sum' ? from.of : from.as,
  ])
}

describe('fields of a mapping', () => {
  it('stand in the order in which one is made of another', () => {
    expect(fields(sum('total'), sum('net'), rate, line)).toEqual([
      ['lines.*.amount', 'minor'],
      ['vat', 'rate'],
      ['net', ['lines.*.amount']],
      ['total', ['net', 'vat']],
    ])
  })

  it('are made of what parts that are not mapped would be made of', () => {
    expect(fields(sum('total'), line, ['freight', amount('Freight')])).toEqual([
      ['lines.*.amount', 'minor'],
      ['freight', 'minor'],
      ['total', ['lines.*.amount', 'freight']],
    ])
  })

  it('are left out where nothing is there to make them of, or they are made of each other', () => {
    expect(fields(sum('total'), rate)).toEqual([])
    const circle = [
      { path: 'a', required: false, sumOf: ['b'] },
      { path: 'b', required: false, sumOf: ['a'] },
    ]
    expect(
      mappedFields(
        new Map([
          ['a', { as: 'sum', of: ['b'] }],
          ['b', { as: 'sum', of: ['a'] }],
        ]),
        circle,
      ),
    ).toEqual([])
  })
})
