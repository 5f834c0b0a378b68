/** Bank statements of both generations, compared with another reader of the same files. */
import { Decimal } from 'decimal.js'
import XMLBuilder from 'fast-xml-builder'
import { parseSync } from 'ofx-js'
import { describe, expect, it } from 'vitest'
import { allRows, textOf, textSource } from '../fixture-sources.ts'
import { dockLimits } from '../limits.ts'
import type { SourceRow } from '../source/types.ts'
import { ofxReader } from './reader.ts'

const bookings = Array.from({ length: 40 }, (_, at) => ({
  TRNTYPE: at % 3 === 0 ? 'CREDIT' : 'DEBIT',
  DTPOSTED: `202511${String((at % 28) + 1).padStart(2, '0')}120000[1:CET]`,
  TRNAMT: (at % 3 === 0 ? '' : '-') + `${100 + at}.${String(at).padStart(2, '0')}`,
  FITID: `2025-${at}`,
  NAME: at === 3 ? 'Müller & Söhne <GmbH>' : `Party ${at}`,
  MEMO: `Invoice ${at}`,
}))

const statement = {
  SIGNONMSGSRSV1: {
    SONRS: { STATUS: { CODE: '0', SEVERITY: 'INFO' }, DTSERVER: '20251130', LANGUAGE: 'ENG' },
  },
  BANKMSGSRSV1: {
    STMTTRNRS: {
      TRNUID: '1',
      STATUS: { CODE: '0', SEVERITY: 'INFO' },
      STMTRS: {
        CURDEF: 'EUR',
        BANKACCTFROM: { BANKID: '37040044', ACCTID: 'DE89370400440532013000', ACCTTYPE: 'CHECKING' },
        BANKTRANLIST: { DTSTART: '20251101', DTEND: '20251130', STMTTRN: bookings },
        LEDGERBAL: { BALAMT: '1000.00', DTASOF: '20251130' },
      },
    },
  },
}

const body = new XMLBuilder({ format: true }).build({ OFX: statement })
const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n${body}`
/** The older generation leaves out the end tags of values. */
const sgmlHead =
  'OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:UTF-8\nCHARSET:NONE\nCOMPRESSION:NONE\nOLDFILEUID:NONE\nNEWFILEUID:NONE\n\n'
const sgml = sgmlHead + body.replaceAll(/(<([A-Z0-9.]+)>[^<\n]+)<\/\2>/g, '$1')

interface Parsed {
  readonly BANKMSGSRSV1: {
    readonly STMTTRNRS: {
      readonly STMTRS: { readonly BANKTRANLIST: { readonly STMTTRN: Record<string, string>[] } }
    }
  }
}

function bookingsByOther(text: string): Record<string, string>[] {
  const { BANKMSGSRSV1 } = parseSync(text).OFX as unknown as Parsed // the shape written above
  return BANKMSGSRSV1.STMTTRNRS.STMTRS.BANKTRANLIST.STMTTRN
}

function sumOf(rows: readonly SourceRow[]): string {
  return rows.reduce((sum, { cells }) => sum.plus(textOf(cells['amount'])), new Decimal(0)).toFixed(2)
}

describe.each([
  ['XML 211', xml],
  ['SGML 102', sgml],
])('a statement in %s', (format, text) => {
  it('has every booking and its sum, as another reader has them', async () => {
    const rows = await allRows(ofxReader, textSource('bank.ofx', text))
    const other = bookingsByOther(text)
    expect(rows).toHaveLength(other.length)
    const sum = other.reduce((total, { TRNAMT = '0' }) => total.plus(TRNAMT), new Decimal(0))
    expect(sumOf(rows)).toBe(sum.toFixed(2))
    expect(rows.map(({ cells }) => cells['id'])).toEqual(bookings.map(({ FITID }) => FITID))
    expect(rows.flatMap(({ faults }) => faults)).toEqual([])
    expect(rows[3]).toEqual({
      cells: {
        account: 'DE89370400440532013000',
        currency: 'EUR',
        id: '2025-3',
        date: '2025-11-04',
        amount: '103.03',
        type: 'CREDIT',
        name: 'Müller & Söhne <GmbH>',
        memo: 'Invoice 3',
        reference: null,
        checkNumber: null,
      },
      place: { path: 'STMTTRN 4' },
      faults: [],
    })
  })

  it('says what it is', async () => {
    const facts = await ofxReader.inspect(textSource('bank.ofx', text))
    expect(facts.detected).toEqual({ format })
    expect(facts.tables.map(({ name, sampled }) => [name, sampled])).toEqual([['DE89370400440532013000', 40]])
  })
})

it('a booking without id, day or amount is given as faulty', async () => {
  const text = `${sgmlHead}<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKTRANLIST>
    <STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20251340<TRNAMT>-1,50<FITID>1<MEMO></STMTTRN>
    <STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20251112<TRNAMT>a lot</STMTTRN>
    </BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>`
  const rows = await allRows(ofxReader, textSource('bank.ofx', text))
  expect(rows.map(({ cells, faults }) => [cells['amount'], faults.map(({ column }) => column)])).toEqual([
    ['-1.50', ['DTPOSTED']],
    [null, ['FITID', 'TRNAMT']],
  ])
})

it.each([
  ['no statement', 'hello', 'SOURCE_INVALID'],
  [
    'an entity',
    `${sgmlHead}<!DOCTYPE OFX [<!ENTITY x SYSTEM "file:///etc/passwd">]><OFX>&x;</OFX>`,
    'SOURCE_INVALID',
  ],
  [
    'an entity in XML',
    '<?OFX VERSION="211"?><!DOCTYPE OFX [<!ENTITY x "y">]><OFX>&x;</OFX>',
    'SOURCE_INVALID',
  ],
  ['deep nesting', sgmlHead + '<OFX>'.repeat(dockLimits.nesting + 2), 'SOURCE_LIMIT'],
])('%s is refused', async (_what, text, code) => {
  await expect(allRows(ofxReader, textSource('bank.ofx', text))).rejects.toMatchObject({ code })
})
