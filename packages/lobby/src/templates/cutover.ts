/**
 * What a schema cutover will write, worked out before it: the cutover itself is synchronous and JSONata is not. Results
 * are known by record id and version, and by the body they were made from, which is all the cutover hands over.
 */
import type { LongWork, VaultApi } from '@noy-db/hub'
import { hashJson } from '../canonical-json.ts'
import { onlySignal, pace } from '../pace.ts'
import type { CompiledTemplate } from './compile.ts'
import { CutoverStaleError } from './errors.ts'
import type { ExpressionRunner } from './runner/runner.ts'
import { readStored, type StoredRow } from './stored-bodies.ts'
import { transformAllRows } from './transform-rows.ts'

type Body = Readonly<Record<string, unknown>>

export interface CutoverOptions {
  readonly vault: VaultApi
  readonly template: CompiledTemplate
  /** The template version the vault's records are at. */
  readonly from: number
  readonly runner: ExpressionRunner
}

interface PreparedRow {
  readonly version: number
  readonly body: Body
}

interface PreparedCollection {
  readonly rows: Map<string, PreparedRow>
  /** Hash of a stored body -> what becomes of it. */
  readonly byContent: Map<string, Body>
}

export class PreparedCutover {
  readonly #options: CutoverOptions
  readonly #collections = new Map<string, PreparedCollection>()

  constructor(options: CutoverOptions) {
    this.#options = options
  }

  /**
   * Reads the collection's stored bodies and runs them through the chain of transforms; those already prepared at their
   * stored version are left alone. Gives how many ran.
   * @throws TransformRowsRefusedError, TransformLimitError, TransformWorkerError, TemplateTooNewError, the signal's reason
   */
  async prepare(collection: string, work?: LongWork): Promise<number> {
    const prepared: PreparedCollection = this.#collections.get(collection) ?? {
      rows: new Map(),
      byContent: new Map(),
    }
    const known = new Map([...prepared.rows].map(([id, { version }]) => [id, version]))
    const { rows, ids } = await readStored(this.#options.vault, collection, known, work)
    const results = await transformAllRows({ ...this.#options, collection, rows }, work)
    await keep(prepared, rows, results, work)
    for (const id of prepared.rows.keys()) if (!ids.has(id)) prepared.rows.delete(id)
    this.#collections.set(collection, prepared)
    return rows.length
  }

  /** Every prepared collection again, for what changed meanwhile. Gives how many records ran. */
  async refresh(work?: LongWork): Promise<number> {
    let ran = 0
    for (const collection of this.#collections.keys()) ran += await this.prepare(collection, work)
    return ran
  }

  /** The prepared record, or undefined where it was not prepared at this version. */
  result(collection: string, id: string, version: number): Body | undefined {
    const row = this.#collections.get(collection)?.rows.get(id)
    return row?.version === version ? row.body : undefined
  }

  /** For `coordinatedCutover({ transform })`. @throws CutoverStaleError for a body that was not there when it was prepared */
  transform(collection: string): (stored: Record<string, unknown>) => Record<string, unknown> {
    return (stored) => {
      const result = this.#collections.get(collection)?.byContent.get(hashJson(stored))
      if (result === undefined) throw new CutoverStaleError(collection)
      return structuredClone(result)
    }
  }
}

async function keep(
  prepared: PreparedCollection,
  rows: readonly StoredRow[],
  results: ReadonlyMap<string, Body>,
  work: LongWork | undefined,
): Promise<void> {
  const slices = pace(onlySignal(work))
  for (const { id, version, body: stored } of rows) {
    await slices.step()
    const body = results.get(id)
    if (body === undefined) continue
    prepared.rows.set(id, { version, body })
    prepared.byContent.set(hashJson(stored), body)
  }
}
