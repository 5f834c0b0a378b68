/** What a mapping would make of a file: for each field its first values and those that fail, and one record whole. */
import {
  type MappedFault,
  type MappedRow,
  type MappingProfile,
  placeText,
  placesText,
  previewRows,
} from '@klum-db/lobby'
import { reader, valueAt } from '@klum-db/lobby/templates'
import type { LongWork } from '@noy-db/hub'
import type { MappingPreviewView } from '../../../src-shared/ipc/foreign.ts'
import type { FirstRows } from './first-rows.ts'

const SAMPLES = 3
const FAILURES = 5
const OTHERS = 20
/** Of the record that is shown whole. */
const LINES = 20
/** Records whose values are samples, and faulty ones that are looked through. */
const RECORDS = { sample: 50, listed: 10_000 }

type Field = MappingProfile['fields'][number]

export async function previewFile(
  { rows: firstRows, complete }: FirstRows,
  profile: MappingProfile,
  work: LongWork,
): Promise<MappingPreviewView> {
  const preview = await previewRows(firstRows, profile, { ...RECORDS, ...work })
  const { rows, records, faulty, sample, faults } = preview
  const others = faults.flatMap((row) =>
    row.faults
      .filter(({ field }) => field === undefined)
      .map((fault) => ({
        place: placeOf(fault, row),
        message: fault.column === undefined ? fault.message : `${fault.column}: ${fault.message}`,
      })),
  )
  // A ragged row's cells may stand in the wrong columns.
  const sound = sample.filter((row) => row.faults.every(({ field }) => field !== undefined))
  return {
    rows,
    complete,
    records,
    faulty,
    fields: profile.fields.map((field) => fieldPreview(field, profile, sound, faults)),
    others: others.slice(0, OTHERS),
    othersCount: others.length,
    example: exampleOf(profile, sample),
  }
}

function placeOf(fault: MappedFault, row: MappedRow): string {
  return placeText(fault.place ?? row.place)
}

function fieldPreview(
  field: Field,
  profile: MappingProfile,
  sample: readonly MappedRow[],
  faulty: readonly MappedRow[],
): MappingPreviewView['fields'][number] {
  const { path } = field
  const failures = faulty.flatMap((row) =>
    row.faults
      .filter((fault) => fault.field === path)
      .map((fault) => ({ place: placeOf(fault, row), message: fault.message })),
  )
  const valuesOf = reader(path)
  const samples = sample.flatMap(({ record, raw }) => {
    const currency = currencyOf(field, profile, raw)
    return valuesOf(record).map((value) => ({ value, currency }))
  })
  return {
    path,
    samples: samples.slice(0, SAMPLES),
    failing: failures.length,
    failures: failures.slice(0, FAILURES),
  }
}

/** Null for a profile whose rows are records as they are. */
function exampleOf(profile: MappingProfile, sample: readonly MappedRow[]): MappingPreviewView['example'] {
  if (profile.lines === undefined) return null
  const sound = sample.filter(({ faults }) => faults.length === 0)
  const shown = sound.find(({ rows }) => rows > 1) ?? sound[0]
  if (shown === undefined) return null
  const { record, raw, place, last, rows } = shown
  const list = valueAt(record, profile.lines.path)
  const all: readonly unknown[] = Array.isArray(list) ? list : []
  const header = profile.fields.filter(({ path }) => !path.includes('*'))
  return {
    place: placesText(place, last, rows),
    values: header.map((field) => ({
      path: field.path,
      value: valueAt(record, field.path),
      currency: currencyOf(field, profile, raw),
    })),
    lines: all.slice(0, LINES),
    lineCount: all.length,
  }
}

function currencyOf({ from }: Field, profile: MappingProfile, raw: MappedRow['raw']): string | null {
  if (from.as === 'sum' || from.as === 'rate') {
    // What is added up has one currency; each part stands before its sum.
    const part = from.as === 'sum' ? from.of[0] : from.of
    const field = profile.fields.find(({ path }) => path === part)
    return field === undefined ? null : currencyOf(field, profile, raw)
  }
  if (from.as !== 'minor') return null
  if ('code' in from.currency) return from.currency.code
  const cell = raw[from.currency.column]
  return typeof cell === 'string' ? cell : null
}
