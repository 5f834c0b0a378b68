/** Reads a docked unit row by row into records by target collection; every row that cannot go is listed, none is dropped. */
import type { DecryptedRecord } from '@noy-db/hub'
import { isObject } from '../../interchange/record-path.ts'
import { throughSteps } from '../../interchange/stage-and-validate.ts'
import { pace } from '../../pace.ts'
import { dockLimits } from '../limits.ts'
import type { DockedUnit } from '../docked-unit.ts'
import { UnitGraduationError } from './error.ts'
import type { GraduateOptions, GraduationFault, RowMapping } from './types.ts'

type Body = Record<string, unknown>
type Staged = Record<string, DecryptedRecord[]>

/** Foreign rows carry no time of their own. */
const EPOCH = new Date(0).toISOString()

interface Staging {
  readonly records: Staged
  readonly faults: GraduationFault[]
  /** Target collection -> ids, with where each came from. */
  readonly seen: Map<string, Map<string, string>>
  rows: number
}

/** Two foreign collections may share a target as long as their ids differ. @throws UnitGraduationError listing every fault */
export async function stageUnit(unit: DockedUnit, options: GraduateOptions): Promise<Staged> {
  const staging: Staging = { records: emptyMap(), faults: [], seen: new Map(), rows: 0 }
  const slices = pace(options)
  for (const foreign of await unit.listCollections()) {
    const target = targetOf(options, foreign)
    let row = 0
    for await (const record of unit.readRecords(foreign)) {
      await slices.step(staging.rows, staging.rows)
      row += 1
      countRow(staging)
      stageRow(staging, options, { foreign, target, row, source: `${unit.unitId}/${foreign}` }, record)
    }
    staging.records[target] ??= []
  }
  if (staging.faults.length > 0) throw refusal(staging.faults)
  return staging.records
}

function targetOf({ collectionMap = {} }: GraduateOptions, foreign: string): string {
  return (Object.hasOwn(collectionMap, foreign) ? collectionMap[foreign] : undefined) ?? foreign
}

export function refusal(faults: readonly GraduationFault[]): UnitGraduationError {
  const [first] = faults
  const example = first === undefined ? '' : ` First: ${first.collection}, row ${first.row}: ${first.message}`
  return new UnitGraduationError(
    `${faults.length} rows cannot graduate; nothing was written.${example}`,
    faults,
  )
}

/** Without a prototype: a collection may be called `constructor`. */
function emptyMap(): Staged {
  return Object.create(null) as Staged // holds what is put in and nothing else
}

function countRow(staging: Staging): void {
  staging.rows += 1
  if (staging.rows > dockLimits.rows)
    throw new UnitGraduationError(`The unit has more than ${dockLimits.rows} records.`)
}

interface Place {
  readonly foreign: string
  readonly target: string
  readonly row: number
  readonly source: string
}

function stageRow(staging: Staging, options: GraduateOptions, place: Place, record: Readonly<Body>): void {
  const { foreign, target, row, source } = place
  const id = idOf(record)
  const fail = (message: string): void => void staging.faults.push({ collection: foreign, row, id, message })
  if (id === null) return fail('It has no id, or one that is neither text nor number.')
  const ids = staging.seen.get(target) ?? new Map<string, string>()
  staging.seen.set(target, ids)
  const earlier = ids.get(id)
  if (earlier !== undefined) return fail(`The id is taken by ${earlier}.`)
  ids.set(id, `${foreign}, row ${row}`)
  try {
    const body = throughSteps({ ...record }, id, stepsFor(options, target))
    if (!isObject(body)) return fail(`The mapping of ${target} gives no record.`)
    const staged = { id, record: body, ts: EPOCH, version: 1, source, sourceTs: EPOCH }
    ;(staging.records[target] ??= []).push(staged)
  } catch (error) {
    fail(`The mapping of ${target} failed: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function idOf({ id }: Readonly<Body>): string | null {
  if (typeof id === 'string' && id !== '') return id
  return typeof id === 'number' && Number.isFinite(id) ? String(id) : null
}

function stepsFor({ mapping = {} }: GraduateOptions, target: string): readonly RowMapping[] {
  const found = (Object.hasOwn(mapping, target) ? mapping[target] : undefined) ?? []
  return typeof found === 'function' ? [found] : found
}
