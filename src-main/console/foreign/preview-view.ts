/** What a mapping would make of a file: for each field its first values and those that fail. */
import {
  type MappedRow,
  type MappingProfile,
  placeText,
  previewMapping,
  type ForeignSource,
  type SourceReader,
} from '@klum-db/lobby'
import { valueAt } from '@klum-db/lobby/templates'
import type { LongWork } from '@noy-db/hub'
import type { MappingPreviewView } from '../../../src-shared/ipc/foreign.ts'

const SAMPLES = 3
const FAILURES = 5
const OTHERS = 20
/** Rows whose values are samples, and faulty rows that are looked through. */
const ROWS = { sample: 50, listed: 10_000 }

export async function previewFile(
  reader: SourceReader,
  source: ForeignSource,
  profile: MappingProfile,
  work: LongWork,
): Promise<MappingPreviewView> {
  const { rows, faulty, sample, faults } = await previewMapping(reader, source, profile, { ...ROWS, ...work })
  const others = faults.flatMap((row) =>
    row.faults
      .filter(({ field }) => field === undefined)
      .map(({ column, message }) => ({
        place: placeText(row.place),
        message: column === undefined ? message : `${column}: ${message}`,
      })),
  )
  return {
    rows,
    faulty,
    // A ragged row's cells may stand in the wrong columns.
    fields: profile.fields.map((field) => fieldPreview(field, sample.filter(isSound), faults)),
    others: others.slice(0, OTHERS),
    othersCount: others.length,
  }
}

function isSound({ faults }: MappedRow): boolean {
  return faults.every(({ field }) => field !== undefined)
}

function fieldPreview(
  { path, from }: MappingProfile['fields'][number],
  sample: readonly MappedRow[],
  faulty: readonly MappedRow[],
): MappingPreviewView['fields'][number] {
  const failures = faulty.flatMap(({ place, faults }) =>
    faults.filter(({ field }) => field === path).map(({ message }) => ({ place: placeText(place), message })),
  )
  const samples = sample.flatMap(({ record, raw }) => {
    const value = valueAt(record, path)
    return value === undefined ? [] : [{ value, currency: currencyOf(from, raw) }]
  })
  return {
    path,
    samples: samples.slice(0, SAMPLES),
    failing: failures.length,
    failures: failures.slice(0, FAILURES),
  }
}

function currencyOf(from: MappingProfile['fields'][number]['from'], raw: MappedRow['raw']): string | null {
  if (from.as !== 'minor') return null
  if ('code' in from.currency) return from.currency.code
  const cell = raw[from.currency.column]
  return typeof cell === 'string' ? cell : null
}
