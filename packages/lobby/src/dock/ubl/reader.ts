/** UBL 2.1 invoices and credit notes: one document, one row. */
import type { LongWork } from '@noy-db/hub'
import { firstRows } from '../source/collect.ts'
import { columnNames, describeTable } from '../source/describe.ts'
import type {
  ForeignSource,
  SourceFault,
  Selection,
  SourceFacts,
  SourceReader,
  SourceRow,
} from '../source/types.ts'
import { readXml } from '../xml/element.ts'
import { checkDocument } from './check.ts'
import { ublDocument } from './document.ts'
import { invoiceOf } from './invoice.ts'

export const ublReader: SourceReader = { kind: 'ubl', inspect, rows }

async function inspect(source: ForeignSource, work?: LongWork): Promise<SourceFacts> {
  const sample = await firstRows(rows(source, {}, work), 1)
  const tables = [describeTable('invoices', columnNames(sample), sample)]
  const format = sample[0]?.cells['documentType'] === 'credit-note' ? 'UBL credit note' : 'UBL invoice'
  return { kind: 'ubl', name: source.name, bytes: source.bytes, detected: { format }, tables }
}

async function* rows(source: ForeignSource, _said: Selection, work?: LongWork): AsyncIterable<SourceRow> {
  work?.signal?.throwIfAborted()
  const document = ublDocument(await readXml(source))
  const cells = invoiceOf(document)
  const faults: SourceFault[] = checkDocument(document)
  for (const name of ['number', 'customerName', 'issueDate']) {
    if (!Object.hasOwn(cells, name))
      faults.push({ code: 'MISSING', message: `The document does not say its ${name}.`, column: name })
  }
  yield { cells, place: { path: document.root.path }, faults }
}
