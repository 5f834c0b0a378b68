/** Our side of a line: a workspace file, opened, and what is done with it. */
import type { Durability } from '../lib/bench.ts'
import { makeInvoice, type Invoice } from '../lib/invoices.ts'
import { openWorkspace, type Workspace } from '../lib/workspace.ts'
import type { Runner } from './line.ts'

/** Every line writes as the console does by default. */
export const DURABILITY: Durability = 'FULL'

/** Ten records share a batch, whatever the size. */
export const batchOf = (at: number): string => `batch-${Math.floor(at / 10)}`

export function* records(count: number, status?: string): Generator<Invoice> {
  for (let at = 0; at < count; at += 1) {
    const made = { ...makeInvoice(at), batch: batchOf(at) }
    yield status === undefined ? made : { ...made, status }
  }
}

export interface PutRow {
  readonly id: string
  readonly record: Invoice
}

export function putRows(count: number, status?: string): PutRow[] {
  return Array.from(records(count, status), (record) => ({ id: record.id, record }))
}

interface HubLine {
  readonly kept?: boolean
  readonly large?: boolean
  readonly indexes?: string[]
  /** False: the timed part starts from an empty file. */
  readonly filled?: boolean
  /** Before the clock starts. */
  warm?(workspace: Workspace): Promise<unknown>
  /** What is written; made before the clock starts, as for the peers. */
  rows?(count: number): PutRow[]
  run(workspace: Workspace, count: number, rows: readonly PutRow[]): Promise<number>
}

export function hubRunner({ filled = true, warm, rows, run, ...options }: HubLine): Runner {
  const open = (file: string): Promise<Workspace> =>
    openWorkspace({ file, durability: DURABILITY, ...options })
  return {
    ...(filled && {
      async fill(file: string, count: number) {
        const { invoices, close } = await open(file)
        await invoices.putMany(putRows(count))
        await close()
      },
    }),
    async prepare(file, count) {
      const workspace = await open(file)
      await warm?.(workspace)
      const made = rows?.(count) ?? []
      return { run: () => run(workspace, count, made), end: () => workspace.close() }
    },
  }
}
