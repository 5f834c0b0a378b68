/** What the columns of a file seem to be for in one collection: by their names, where their values allow it. */
import type { CompiledCollection } from '@klum-db/lobby/templates'
import type { ColumnView, ForeignKind, Mapping, TargetCollection } from '../../../src-shared/ipc/foreign.ts'
import { canHold, conversionFor, isNested } from '../../../src-shared/model/field-conversion.ts'

type Field = TargetCollection['fields'][number]
type Suggestion = NonNullable<TargetCollection['suggested']>

/** Single fields; lists and objects only where the kind of file has them, or where a record cannot do without. */
export function targetFields({ fields, schema }: CompiledCollection, kind: ForeignKind): Field[] {
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return fields
    .filter(({ path }) => !path.includes('*'))
    .map((field) => ({ ...field, required: required.includes(field.path) }))
    .filter(({ type, required: needed }) => needed || isDocument(kind) || !isNested(type))
}

function isDocument(kind: ForeignKind): boolean {
  return kind === 'jsonl' || kind === 'ubl'
}

/** Null where no column fits. */
export function suggestMapping(
  collection: CompiledCollection,
  targets: readonly Field[],
  columns: readonly ColumnView[],
): Suggestion | null {
  const free = new Set(columns)
  const pairs: (readonly [Field, ColumnView])[] = []
  for (const isFor of [isCalled, isAlsoCalled]) {
    for (const field of targets) {
      if (pairs.some(([taken]) => taken === field)) continue
      const column = [...free].find((one) => canHold(field.type, one) && isFor(field, one.name, collection))
      if (column === undefined) continue
      free.delete(column)
      pairs.push([field, column])
    }
  }
  if (pairs.length === 0) return null
  const inOrder = targets.flatMap((field) => pairs.filter(([one]) => one === field))
  const currency = pairs.find(([field]) => field.path === collection.currency)?.[1].name
  return {
    key: keyOf(columns),
    emptyWords: ['NULL'],
    fields: inOrder.map(([field, column]) => mapped(field, column, currency)),
  }
}

function mapped(field: Field, column: ColumnView, currency: string | undefined): Mapping['fields'][number] {
  return { path: field.path, from: conversionFor(field.type, column, currency), required: field.required }
}

const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')

function isCalled({ path, label }: Field, column: string, { label: { one } }: CompiledCollection): boolean {
  const last = path.split('.').at(-1) ?? path
  return [path, last, label, `${one}${last}`].some((name) => plain(name) === plain(column))
}

/** By the last step of a field's path: what other programs and other languages call it, plain. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  company: [
    'companyname',
    'firm',
    'firma',
    'organisation',
    'organization',
    'customer',
    'kunde',
    'supplier',
    'lieferant',
  ],
  name: ['contactname', 'contactperson', 'ansprechpartner'],
  title: ['contacttitle', 'jobtitle', 'role'],
  street: ['address', 'strasse', 'addressline1'],
  postalCode: ['zip', 'zipcode', 'postcode', 'plz'],
  city: ['town', 'ort', 'stadt'],
  country: ['land'],
  region: ['state', 'province', 'bundesland'],
  phone: ['telephone', 'tel', 'telefon', 'phonenumber'],
  email: ['mail', 'emailaddress'],
  number: ['invoiceno', 'no', 'nr', 'documentnumber', 'rechnungsnummer', 'belegnummer'],
  customerName: ['companyname', 'kunde', 'customer'],
  issueDate: ['invoicedate', 'orderdate', 'rechnungsdatum', 'belegdatum'],
  dueDate: ['requireddate', 'falligkeit', 'falligam'],
  date: ['paymentdate', 'bookingdate', 'valuedate', 'datum', 'buchungstag', 'buchungsdatum'],
  amount: ['betrag', 'value', 'umsatz'],
  currency: ['wahrung', 'curr', 'currencycode'],
  reference: ['purpose', 'verwendungszweck', 'description', 'text'],
  code: ['productid', 'sku', 'articlenumber', 'artikelnummer'],
  unit: ['quantityperunit', 'einheit'],
  unitPrice: ['price', 'preis', 'einzelpreis'],
  notes: ['note', 'comment', 'bemerkung'],
}

function isAlsoCalled({ path }: Field, column: string): boolean {
  const last = path.split('.').at(-1) ?? path
  return Object.hasOwn(otherNames, last) && (otherNames[last] ?? []).includes(plain(column))
}

/** What looks like an id or a number of its own, else the first column: the check says which keys come twice. */
function keyOf(columns: readonly ColumnView[]): string[] {
  const looksLikeKey = ({ name }: ColumnView): boolean =>
    /(id|no|nr|number|nummer|code|key|reference)$/.test(plain(name))
  const [first] = columns
  const found = columns.find(looksLikeKey) ?? first
  return found === undefined ? [] : [found.name]
}
