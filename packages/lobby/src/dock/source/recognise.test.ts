/** What kind a file is, whatever its name says. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import writeWorkbook from 'write-excel-file/node'
import { csvReader } from '../csv/reader.ts'
import { dataFolder, dataSource, hasData, textSource } from '../fixture-sources.ts'
import { bytesSource, fileSource } from './open.ts'
import { recogniseSource } from './recognise.ts'
import { sampleTable } from './sample.ts'

const folder = mkdtempSync(join(tmpdir(), 'dock-kinds-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const recognised = (text: string, encoding?: BufferEncoding) =>
  recogniseSource(textSource('something.dat', text, encoding))

describe('a file is recognised', () => {
  it.each([
    ['a;b\n1;2\n', 'csv'],
    ['\ufeffa;b\n1;2\n', 'csv'],
    ['one word', 'csv'],
    ['{"a":1}\n{"a":2}\n', 'jsonl'],
    ['  {"a":1}', 'jsonl'],
    ['OFXHEADER:100\nDATA:OFXSGML\n', 'ofx'],
    ['<?xml version="1.0"?><?OFX OFXHEADER="200"?><OFX></OFX>', 'ofx'],
    ['<?xml version="1.0"?><!-- <Invoice> --><OFX></OFX>', 'ofx'],
    ['<ubl:Invoice xmlns:ubl="x"></ubl:Invoice>', 'ubl'],
    ['<CreditNote xmlns="x"/>', 'ubl'],
    ['<html></html>', null],
    ['{\n  "a": 1\n}', null],
    ['[1,2]', null],
    ['%PDF-1.7', null],
    ['', null],
  ] as const)('%j as %s', async (text, kind) => {
    expect(await recognised(text)).toBe(kind)
  })

  it('in UTF-16 and in Windows-1252 too, and bytes that are no text as nothing', async () => {
    expect(await recognised('\ufeffa;b\nä;ö', 'utf16le')).toBe('csv')
    expect(await recognised('a;b\nä;ö', 'latin1')).toBe('csv')
    expect(
      await recogniseSource(bytesSource('x.xls', Buffer.from('d0cf11e0a1b11ae1000000', 'hex'))),
    ).toBeNull()
  })

  it('by what other programs write', async () => {
    const book = await writeWorkbook([[{ value: 'a' }]]).toBuffer()
    expect(await recogniseSource(bytesSource('x.csv', book))).toBe('xlsx')
    const path = join(folder, 'x.txt')
    const db = new DatabaseSync(path)
    db.exec('CREATE TABLE t(a)')
    db.close()
    expect(await recogniseSource(await fileSource(path))).toBe('sqlite')
  })

  it.skipIf(!hasData)('among real files', async () => {
    for (const name of readdirSync(join(dataFolder, 'peppol')))
      expect([name, await recogniseSource(dataSource('peppol', name))]).toEqual([name, 'ubl'])
    expect(await recogniseSource(dataSource('northwind-ragged', 'customers.csv'))).toBe('csv')
  })
})

describe('a table read as a person says', () => {
  const source = textSource('x.csv', 'Müller;12.500;1\nMayer;3.250;2\n', 'latin1')

  it('has the columns and rows of that reading', async () => {
    const table = await sampleTable(csvReader, source, { delimiter: ';', header: false })
    expect(table.columns.map(({ name }) => name)).toEqual(['Column 1', 'Column 2', 'Column 3'])
    expect(table.sample.map(({ cells }) => cells['Column 1'])).toEqual(['Müller', 'Mayer'])
    const other = await sampleTable(csvReader, source, { delimiter: ',', header: true })
    expect(other.columns.map(({ name }) => name)).toEqual(['Müller;12.500;1'])
  })

  it('is refused where the file cannot be read so', async () => {
    const asked = sampleTable(csvReader, source, { encoding: 'utf-8' })
    await expect(asked).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
  })
})
