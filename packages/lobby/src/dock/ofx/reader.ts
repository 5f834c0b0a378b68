/** Bank and card statements: every account a table, every booking a row, with the account's currency beside it. */
import type { LongWork } from '@noy-db/hub'
import { pace } from '../../pace.ts'
import { assertRowCount } from '../source/collect.ts'
import { columnNames, describeTable, SAMPLE_ROWS } from '../source/describe.ts'
import { invalid } from '../source/error.ts'
import type {
  Cell,
  ForeignSource,
  SourceFault,
  Selection,
  SourceFacts,
  SourceReader,
  SourceRow,
} from '../source/types.ts'
import { plainDate, plainDecimal } from '../source/values.ts'
import { childrenOf, elementAt, textAt, type XmlElement } from '../xml/element.ts'
import { readOfx } from './document.ts'

export const ofxReader: SourceReader = { kind: 'ofx', inspect, rows }

async function inspect(source: ForeignSource, work?: LongWork): Promise<SourceFacts> {
  work?.signal?.throwIfAborted()
  const { root, format } = await readOfx(source)
  const tables = statementsOf(root).map(({ account, statement }) => {
    const sample = bookingsOf(statement)
      .slice(0, SAMPLE_ROWS)
      .map((booking, at) => rowOf(account, statement, booking, at))
    return describeTable(account, columnNames(sample), sample)
  })
  return { kind: 'ofx', name: source.name, bytes: source.bytes, detected: { format }, tables }
}

/** All accounts, unless one is asked for. */
async function* rows(source: ForeignSource, said: Selection, work?: LongWork): AsyncIterable<SourceRow> {
  const { root } = await readOfx(source)
  const slices = pace(work)
  const statements = statementsOf(root).filter(
    ({ account }) => said.table === undefined || account === said.table,
  )
  if (statements.length === 0)
    throw invalid(`The file has no statement${said.table === undefined ? '' : ` of ${said.table}`}.`)
  let count = 0
  for (const { account, statement } of statements) {
    for (const [at, booking] of bookingsOf(statement).entries()) {
      await slices.step()
      assertRowCount((count += 1))
      yield rowOf(account, statement, booking, at)
    }
  }
}

interface Statement {
  readonly account: string
  readonly statement: XmlElement
}

function statementsOf(root: XmlElement): Statement[] {
  const bank = childrenOf(elementAt(root, 'BANKMSGSRSV1'), 'STMTTRNRS').flatMap((one) =>
    childrenOf(one, 'STMTRS'),
  )
  const card = childrenOf(elementAt(root, 'CREDITCARDMSGSRSV1'), 'CCSTMTTRNRS').flatMap((one) =>
    childrenOf(one, 'CCSTMTRS'),
  )
  return [...bank, ...card].map((statement) => {
    const account = textAt(statement, 'BANKACCTFROM/ACCTID') ?? textAt(statement, 'CCACCTFROM/ACCTID')
    return { account: account ?? 'account', statement }
  })
}

function bookingsOf(statement: XmlElement): readonly XmlElement[] {
  return childrenOf(elementAt(statement, 'BANKTRANLIST'), 'STMTTRN')
}

/** @param at place of the booking in its statement, from 0 */
function rowOf(account: string, statement: XmlElement, booking: XmlElement, at: number): SourceRow {
  const faults: SourceFault[] = []
  const cells: Record<string, Cell> = {
    account,
    currency: textAt(booking, 'CURRENCY/CURSYM') ?? textAt(statement, 'CURDEF') ?? null,
    id: required(booking, 'FITID', faults),
    date: dateAt(booking, 'DTPOSTED', faults),
    amount: amountAt(booking, faults),
    type: textAt(booking, 'TRNTYPE') ?? null,
    name: textAt(booking, 'NAME') ?? textAt(booking, 'PAYEE/NAME') ?? null,
    memo: textAt(booking, 'MEMO') ?? null,
    reference: textAt(booking, 'REFNUM') ?? null,
    checkNumber: textAt(booking, 'CHECKNUM') ?? null,
  }
  return { cells, place: { path: `STMTTRN ${at + 1}` }, faults }
}

function required(booking: XmlElement, name: string, faults: SourceFault[]): string | null {
  const text = textAt(booking, name)
  if (text === undefined)
    faults.push({ code: 'MISSING', message: `The booking has no ${name}.`, column: name })
  return text ?? null
}

/** 20260131120000[-5:EST] is the day the bank says, whatever the hour here. */
function dateAt(booking: XmlElement, name: string, faults: SourceFault[]): string | null {
  const text = required(booking, name, faults)
  const date = text === null ? null : plainDate(text.slice(0, 8), 'ymd')
  if (text !== null && date === null)
    faults.push({ code: 'CELL', message: `"${text.slice(0, 40)}" is no day.`, column: name })
  return date
}

/** Banks write a comma where their country does. */
function amountAt(booking: XmlElement, faults: SourceFault[]): string | null {
  const text = required(booking, 'TRNAMT', faults)
  if (text === null) return null
  const plain = plainDecimal(text, text.includes(',') && !text.includes('.') ? ',' : '.')
  if (plain === null)
    faults.push({ code: 'CELL', message: `"${text.slice(0, 40)}" is no amount.`, column: 'TRNAMT' })
  return plain
}
