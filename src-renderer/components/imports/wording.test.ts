import { expect, it } from 'vitest'
import { intakeWords, recordsIn } from './wording.ts'

const none = { insert: 0, update: 0, merge: 0, delete: 0, keep: 0, queue: 0, equal: 0, refuse: 0 }
const invoices = { label: 'Invoices', recordLabel: 'Invoice' }

it('names a bundle by its clients, and a table by its records and their client', () => {
  const clients = [{ name: 'Alfreds' }, { name: 'Bergs' }]
  expect(intakeWords(clients, 12, undefined, 'en-GB')).toBe('2 clients')
  expect(intakeWords(clients.slice(0, 1), 1180, invoices, 'en-GB')).toBe('1,180 invoices into Alfreds')
  expect(intakeWords(clients.slice(0, 1), 1, invoices, 'en-GB')).toBe('1 invoice into Alfreds')
})

it('counts what is let in, whatever becomes of it', () => {
  expect(recordsIn({ ...none, insert: 3, update: 1, equal: 5, queue: 2, refuse: 24 })).toBe(11)
})
