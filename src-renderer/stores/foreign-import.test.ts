/** A file of another program in the wizard, over real services: it waits in the file dialog. */
import { describe, expect, it } from 'vitest'
import { api } from '../lib/api.ts'
import { beginWorkspace, type TestCable } from '../testing/cable.ts'
import { ImportWizard } from './import-wizard.svelte.ts'

const known = 'clients--VINET'
const text = 'Nr;Firma;Telefon\n1;Alfreds;030\n2;Bergs;0921\n3;Drachen\n'

async function chosen(content: string) {
  const cable = await beginWorkspace({ invoices: [{ ours: {}, theirs: {} }], foreign: content })
  const wizard = new ImportWizard()
  const file = await api.files.choose({ purpose: 'import' })
  if (!file) throw new Error('the dialog offers a file')
  await wizard.choose(file)
  const { foreign } = wizard
  if (!foreign) throw new Error('the file is recognised')
  return { cable, wizard, file: foreign.file, mapping: foreign.mapping }
}

/** The host has answered, and the cable holds the answer. */
async function answered(cable: TestCable): Promise<void> {
  await cable.quiet()
  await new Promise((turn) => setTimeout(turn))
}

describe('a file of another program', () => {
  it('is shown as it is understood, and read again as a person says', async () => {
    const { wizard, file } = await chosen(text)
    expect(wizard.steps).toEqual(['file', 'columns', 'check', 'done'])
    expect(file.columns.map(({ name }) => name)).toEqual(['Nr', 'Firma', 'Telefon'])
    await file.correct({ header: false })
    expect(file.columns.map(({ name }) => name)).toEqual(['Column 1', 'Column 2', 'Column 3'])
    expect(file.view?.reading).toMatchObject({ delimiter: ';', header: false })
    await file.readAs('xlsx')
    expect(file.failure).toMatchObject({ code: 'FILE_UNREADABLE' })
    await file.readAs('csv')
    expect(file.view?.reading).toMatchObject({ delimiter: ';', header: true })
  })

  it('shows the answer to what was asked last, not what comes last', async () => {
    const { cable, file } = await chosen(text)
    const held = cable.hold('foreign.inspect')
    const comma = file.correct({ delimiter: ',' })
    await answered(cable)
    const bar = file.correct({ delimiter: '|' })
    await answered(cable)
    held.last()
    await bar
    held.rest()
    await comma
    expect(file.view?.reading.delimiter).toBe('|')
    expect(file.busy).toBe(false)
  })

  it('reads numbers and days as most columns have them, or as a person says', async () => {
    const { file } = await chosen('a;b;c\n1,5;12.500;04.05.2026\n2,5;13.500;05.05.2026\n')
    expect(file.ambiguous).toEqual({ numbers: true, days: true })
    file.readNumbersWith(',')
    file.readDaysAs('mdy')
    expect(file.ambiguous).toEqual({ numbers: false, days: false })
    expect(file.columns.map(({ decimalMark, dateOrder }) => decimalMark ?? dateOrder)).toEqual([
      ',',
      ',',
      'mdy',
    ])
  })

  it('goes to a client by the columns that are said, and its rows are checked', async () => {
    const { wizard, mapping } = await chosen(text)
    await wizard.toColumns()
    expect(mapping).toMatchObject({ collection: 'contacts', key: ['Nr'], name: 'statement', ready: true })
    expect(wizard.mapped).toBe(false)
    wizard.targets[0]!.choice = known
    expect(wizard.mapped).toBe(true)
    await mapping.look()
    expect(mapping.preview).toMatchObject({ rows: 3, faulty: 1 })
    const company = mapping.fields.find(({ path }) => path === 'company')
    const notes = mapping.fields.find(({ path }) => path === 'notes')
    if (!company || !notes) throw new Error('contacts have both')
    mapping.take(company, '')
    expect(mapping.missing).toEqual([company])
    mapping.take(company, 'Firma')
    mapping.take(notes, 'Telefon')
    expect(mapping.conversion('notes')).toEqual({ as: 'text', column: 'Telefon' })
    await wizard.check()
    expect(wizard.step).toBe('check')
    expect(wizard.plan).toMatchObject({ counts: { insert: 2, refuse: 1 } })
    expect(wizard.strictness.value?.collections.map(({ name }) => name)).toContain('contacts')
    expect(wizard.canApply).toBe(false)
    wizard.exclude(wizard.unresolved, true)
    await wizard.apply('')
    expect(wizard.receipt).toMatchObject({ counts: { insert: 2 }, excluded: [{ place: 'line 4' }] })
  })

  it('keeps what was said about its columns, unless they are other ones', async () => {
    const { wizard, file, mapping } = await chosen(text)
    await wizard.toColumns()
    mapping.name = 'Branch office'
    mapping.toggleKey('Firma', true)
    expect(mapping.profileId).toBeUndefined()
    wizard.back('file')
    await wizard.toColumns()
    expect(mapping).toMatchObject({ name: 'Branch office', key: ['Nr', 'Firma'] })
    await file.correct({ header: false })
    await wizard.toColumns()
    expect(mapping.key).toEqual(['Column 1'])
    wizard.startOver()
    expect(wizard).toMatchObject({ step: 'file', foreign: undefined, targets: [] })
  })

  it('with one row for each line is mapped to lines, or said to have one row for each record', async () => {
    const flat = 'Invoice No;Date;Customer;Text;Quantity;Price;Amount\nR-1;2026-05-04;Bergs;Ink;2;1,50;3,00\n'
    const { wizard, mapping } = await chosen(flat)
    await wizard.toColumns()
    expect(mapping).toMatchObject({ collection: 'invoices', rows: 'grouped', key: ['Invoice No'] })
    expect(mapping.missing.map(({ path }) => path)).toEqual(['currency'])
    mapping.set('currency', { as: 'constant', value: 'CHF' })
    expect(mapping.conversion('lines.*.amount')).toMatchObject({ currency: { code: 'CHF' } })
    expect(mapping.partsOf('total')).toEqual(['net'])
    expect(mapping.mapping().lines).toEqual({ path: 'lines', id: 'lineNo', rows: 'grouped' })

    mapping.useRows('single')
    expect(mapping.conversion('lines.*.quantity')).toEqual({ as: 'constant', value: '1' })
    expect(mapping.conversion('currency')).toEqual({ as: 'constant', value: 'CHF' })
    expect(mapping.conversion('total')).toMatchObject({ column: 'Amount', currency: { code: 'CHF' } })
    mapping.useRows('grouped')
    expect(mapping.partsOf('total')).toEqual(['net'])
    expect(mapping.missing).toEqual([])
    await mapping.look()
    expect(mapping.preview).toMatchObject({
      complete: true,
      records: 1,
      faulty: 0,
      example: { lines: [{ lineNo: 1, amount: 300 }] },
    })
  })
})
