import { describe, expect, it } from 'vitest'
import type { Target } from './import-targets.ts'
import { commonLevel, levelOf, strictnessWords, withLevels } from './import-strictness.ts'

const known = {
  collections: [
    { name: 'invoices', label: 'Invoices' },
    { name: 'contacts', label: 'Contacts' },
  ],
  byVault: { 'clients--VINET': { invoices: 'ask' as const } },
}

const target = (choice: string, more: Partial<Target> = {}): Target => ({
  handle: choice,
  choice,
  newName: '',
  strategy: 'three-way',
  ...more,
})

describe('strictness', () => {
  it('is what was said now, else what was remembered, else by field', () => {
    expect(levelOf(target('clients--VINET'), known, 'invoices')).toBe('ask')
    expect(levelOf(target('clients--VINET', { strictness: {} }), known, 'invoices')).toBe('field')
    expect(levelOf(target('new'), known, 'invoices')).toBe('field')
    expect(levelOf(target('new'), known, 'constructor')).toBe('field')
  })

  it('of several clients is one where all agree', () => {
    const targets = [target('clients--VINET'), target('clients--ALFKI')]
    expect(commonLevel(targets, known, 'invoices')).toBeUndefined()
    expect(commonLevel(targets, known, 'contacts')).toBe('field')
  })

  it('is said for every collection, so that what was remembered is not lost beside a change', () => {
    expect(withLevels(target('clients--VINET'), known, { contacts: 'record' })).toEqual({
      invoices: 'ask',
      contacts: 'record',
    })
  })

  it('is told in a few words', () => {
    expect(strictnessWords([target('new')], known)).toBe('By field')
    expect(strictnessWords([target('clients--VINET')], known)).toBe('Invoices always ask')
    const both = target('new', { strictness: { invoices: 'record', contacts: 'ask' } })
    expect(strictnessWords([both], known)).toBe('2 collections stricter')
  })
})
