/** Records of an older version brought to the current one, each checked against the current schema. */
import type { LongWork } from '@noy-db/hub'
import { isObject } from '../interchange/record-path.ts'
import { onlySignal, pace } from '../pace.ts'
import type { CompiledCollection, CompiledTemplate } from './compile.ts'
import { TemplateTooNewError, TransformRowsRefusedError } from './errors.ts'
import type { TransformTemplate } from './format.ts'
import type { Row, RowFailure } from './runner/outcome.ts'
import type { ExpressionRunner, RunResult } from './runner/runner.ts'

type Body = Readonly<Record<string, unknown>>

export interface TransformRequest {
  readonly template: CompiledTemplate
  readonly collection: string
  /** The template version the records are at. */
  readonly from: number
  readonly rows: readonly Row[]
  readonly runner: ExpressionRunner
}

/** The steps from a version to the current one; empty where nothing changes for this collection. */
export function chainFor(template: CompiledTemplate, collection: string, from: number): TransformTemplate[] {
  if (from > template.version)
    throw new TemplateTooNewError(`The version of the records of ${template.name}`, from, template.version)
  return template.transforms.filter(({ to, collection: of }) => of === collection && to > from)
}

export interface TransformOutcome {
  /** By storage id, in the order of the rows. */
  readonly results: ReadonlyMap<string, Body>
  readonly failed: readonly RowFailure[]
}

/**
 * Every record through the chain. Those that fail, or do not fit afterwards, are listed instead of given.
 * @throws TemplateTooNewError, TransformLimitError, TransformWorkerError, the signal's reason when aborted
 */
export async function transformRows(request: TransformRequest, work?: LongWork): Promise<TransformOutcome> {
  const { template, rows } = request
  const collection = template.collections.get(request.collection)
  if (collection === undefined)
    throw new RangeError(`${template.name} has no collection ${request.collection}.`)
  const steps = chainFor(template, collection.name, request.from)
  return judge(collection, { steps, rows, ran: await runSteps(request, steps, work), work })
}

async function runSteps(
  { template, collection, rows, runner }: TransformRequest,
  steps: readonly TransformTemplate[],
  work: LongWork | undefined,
): Promise<RunResult[]> {
  if (steps.length === 0) return rows.map(({ id, body }) => ({ id, value: body }))
  const placeOf = (step: number, id: string) => ({
    template: template.name,
    collection,
    to: steps[step]?.to ?? 0,
    id,
  })
  return runner.run({ expressions: steps.map(({ expression }) => expression), rows, placeOf }, work)
}

/** As `transformRows`, all or nothing. @throws TransformRowsRefusedError listing the first failures by id */
export async function transformAllRows(
  request: TransformRequest,
  work?: LongWork,
): Promise<ReadonlyMap<string, Body>> {
  const { results, failed } = await transformRows(request, work)
  if (failed.length > 0) {
    const listed = failed.slice(0, MOST_LISTED)
    throw new TransformRowsRefusedError(request.template.name, listed, failed.length)
  }
  return results
}

const MOST_LISTED = 100

interface Ran {
  readonly steps: readonly TransformTemplate[]
  readonly rows: readonly Row[]
  readonly ran: readonly RunResult[]
  readonly work: LongWork | undefined
}

async function judge(
  collection: CompiledCollection,
  { steps, rows, ran, work }: Ran,
): Promise<TransformOutcome> {
  const slices = pace(onlySignal(work))
  const results = new Map<string, Body>()
  const failed: RowFailure[] = []
  for (const [at, result] of ran.entries()) {
    await slices.step()
    const row = rows[at]
    const judged = row === undefined ? null : judgeRow(collection, row, result)
    if (judged === null) continue
    if ('body' in judged) results.set(result.id, judged.body)
    else failed.push({ ...judged.fault, to: steps[judged.step ?? -1]?.to ?? 0 })
  }
  return { results, failed }
}

type Judged = { readonly body: Body } | { readonly fault: Omit<RowFailure, 'to'>; readonly step?: number }

function judgeRow({ name, validator }: CompiledCollection, row: Row, result: RunResult): Judged {
  const place = { collection: name, id: row.id }
  if ('failure' in result) {
    const { step, message, position } = result.failure
    return { step, fault: { ...place, message, ...(position !== undefined && { position }) } }
  }
  if (!isObject(result.value)) return { fault: { ...place, message: 'The result is no record.' } }
  const body = keepId(row.body, result.value)
  const [issue] = validator.issuesOf(body)
  if (issue === undefined) return { body }
  return { fault: { ...place, message: issue.message, path: issue.path?.map(String).join('.') ?? '' } }
}

/** Whatever a transform does, a record stays itself. */
function keepId(before: unknown, after: Body): Body {
  return isObject(before) && Object.hasOwn(before, 'id') ? { ...after, id: before['id'] } : after
}
