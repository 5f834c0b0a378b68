/** What can be wrong with a template and with running it. Every message is one plain sentence for people. */
import { LobbyError } from '../errors.ts'
import type { RowFailure } from './runner/outcome.ts'

/** `path` is a JSON pointer into the file, empty for the file as a whole; `reason` says what is wrong there. */
export class TemplateInvalidError extends LobbyError {
  readonly path: string
  readonly reason: string
  /** Of the character in an expression, from 1. */
  readonly position: number | undefined

  constructor(path: string, reason: string, position?: number) {
    super('TEMPLATE_INVALID', `The template is faulty at ${path === '' ? 'its top' : path}: ${reason}.`)
    this.path = path
    this.reason = reason
    this.position = position
  }
}

/** The file's `format`, or the version a vault is at, is newer than this program or this file knows. */
export class TemplateTooNewError extends LobbyError {
  readonly found: number
  readonly known: number

  constructor(what: string, found: number, known: number) {
    super('TEMPLATE_TOO_NEW', `${what} is ${found}; at most ${known} is known here.`)
    this.found = found
    this.known = known
  }
}

/** Which expression, on which record. `to` is 0 for a rule, whose name then stands in `rule`. */
export interface ExpressionPlace {
  readonly template: string
  readonly collection: string
  readonly to: number
  readonly rule?: string
  readonly id: string
}

export type LimitKind = 'record-time' | 'batch-time' | 'memory' | 'input-size'

/** An expression ran away: its worker was ended, and nothing of the run is kept. */
export class TransformLimitError extends LobbyError {
  readonly place: ExpressionPlace
  readonly limit: LimitKind

  constructor(place: ExpressionPlace, limit: LimitKind) {
    super('TRANSFORM_LIMIT', `${placeText(place)} was stopped: ${limitText[limit]}. Nothing was written.`)
    this.place = place
    this.limit = limit
  }
}

const limitText: Readonly<Record<LimitKind, string>> = {
  'record-time': 'it took too long',
  'batch-time': 'its batch took too long',
  memory: 'it needed too much memory',
  'input-size': 'the record is too large',
}

function placeText({ template, collection, to, rule, id }: ExpressionPlace): string {
  const what = rule === undefined ? `Transform ${to}` : `Rule ${rule}`
  return `${what} of ${template}, collection ${collection}, record ${id},`
}

/**
 * Records that no transform result could be written for; the first are listed, `total` counts all of the run. A cutover runs
 * up to 100 records at a time and ends at the first refusal.
 */
export class TransformRowsRefusedError extends LobbyError {
  readonly rows: readonly RowFailure[]
  readonly total: number

  constructor(template: string, rows: readonly RowFailure[], total: number) {
    super(
      'TRANSFORM_ROWS_REFUSED',
      `${total} records cannot be brought to the current version of ${template}. Nothing was written.`,
    )
    this.rows = rows
    this.total = total
  }
}

/** The worker that runs expressions did not start, or ended on its own. */
export class TransformWorkerError extends LobbyError {
  constructor(reason: string) {
    super('TRANSFORM_WORKER_FAILED', `Transforms cannot run: ${reason}`)
  }
}
