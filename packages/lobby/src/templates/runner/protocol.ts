/** What the runner and its worker say to each other. Bodies travel as JSON text: nothing but data can cross. */

/** Given to the worker at its start. */
export interface WorkerSettings {
  /** Two counters the worker moves and the runner reads: the row under way in a batch, and the step of its chain. */
  readonly progress: SharedArrayBuffer
  readonly recordMs: number
  readonly depth: number
  readonly sequence: number
  /** UTF-16 units of a result's JSON. */
  readonly resultChars: number
  readonly resultDepth: number
}

export const ROW = 0
export const STEP = 1

/** One batch: each row goes through all expressions, the result of one being the input of the next. */
export interface BatchRequest {
  readonly expressions: readonly string[]
  readonly rows: readonly string[]
}

export interface StepFailure {
  readonly step: number
  /** `limit`: the expression ran too long by its own clock. */
  readonly kind: 'error' | 'limit'
  readonly message: string
  readonly position?: number
}

export interface BatchReply {
  /** In the order of the rows; the JSON text of the result, or why there is none. A limit ends the batch early. */
  readonly results: readonly (string | StepFailure)[]
}

/** The worker's first message. */
export const READY = 'ready'
