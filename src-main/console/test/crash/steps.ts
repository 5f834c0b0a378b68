/**
 * One working session as numbered steps, each acknowledged when its call has resolved. The same steps run once to the
 * end, to learn the state after each, and many times in a child process that is killed somewhere in between.
 */
import { createHash } from 'node:crypto'
import type { Console } from '../../console.ts'
import type { CallContext } from '../../../../src-shared/ipc/define.ts'

export interface Files {
  readonly bundle: string
  readonly keys: string
}

type Step = (console: Console, files: Files) => Promise<unknown>

export const steps: readonly Step[] = [
  importBundle,
  decideFirst('ours'),
  decideFirst('theirs'),
  decideFirst('ours'),
  decideRest,
  undoLastBatch,
  undoImport,
  importBundle,
  decideRest,
]

const callContext = (): CallContext => ({
  jobId: 'crash',
  signal: new AbortController().signal,
  progress: () => undefined,
})

async function importBundle(console: Console, files: Files): Promise<void> {
  const bundle = await console.files.register(files.bundle, 'bundle')
  const keys = await console.files.register(files.keys, 'keys')
  const header = await console.imports.inspect(bundle.handle)
  const into = header.compartments.map(({ handle, suggestedVaultId }) => ({
    handle,
    vaultId: suggestedVaultId ?? '',
    strategy: 'manual-queue' as const,
  }))
  const context = callContext()
  const plan = await console.imports.plan(
    { bundle: bundle.handle, keys: { handle: keys.handle }, into },
    context,
  )
  await console.imports.apply({ planId: plan.planId, exclude: [] }, context)
}

function decideFirst(kind: 'ours' | 'theirs'): Step {
  return async (console) => {
    const { rows } = await console.conflicts.list({ filter: { status: 'open' }, offset: 0, limit: 100 })
    const [first] = rows.sort((a, b) => a.recordId.localeCompare(b.recordId))
    if (first === undefined) throw new Error('nothing to decide')
    const { vault, collection, conflictId } = first
    const ref = { vault, collection, conflictId }
    const { rowVersion, recordVersion } = await console.conflicts.get(ref)
    const expect = { expectRowVersion: rowVersion, expectRecordVersion: recordVersion }
    await console.conflicts.decide({ ref, resolution: { kind }, reason: 'by phone', ...expect })
  }
}

async function decideRest(console: Console): Promise<void> {
  const filter = { status: 'open' as const }
  const rule = { take: 'theirs' as const, onlyFields: [] }
  const { hash } = await console.conflicts.previewMany({ filter, rule }, callContext())
  await console.conflicts.decideMany({ filter, rule, hash }, callContext())
}

async function undoLastBatch(console: Console): Promise<void> {
  const { rows } = await console.conflicts.list({ filter: { status: 'decided' }, offset: 0, limit: 100 })
  const sizes = Map.groupBy(rows, ({ batchId }) => batchId ?? '')
  const [largest] = [...sizes].sort(([, a], [, b]) => b.length - a.length)
  await console.conflicts.undo(largest?.[0] ?? '')
}

async function undoImport(console: Console): Promise<void> {
  const [last] = (await console.imports.list()).filter(({ status }) => status === 'applied')
  const importId = last?.importId ?? ''
  const { hash } = await console.imports.planUndo(importId)
  await console.imports.undo({ importId, hash }, callContext())
}

/** What a person would call the state: records, queue, imports. Ids of imports and times differ from run to run. */
export async function stateDigest(console: Console): Promise<string> {
  const parts: unknown[] = []
  for (const { vaultId } of await console.clients.list()) {
    const entries = await console.session.use(async (open) => {
      const vault = await open.vault(vaultId)
      return vault.collection('invoices').entries()
    })
    parts.push(entries.map(({ id, record }) => [id, record]).sort())
  }
  for (const status of ['open', 'decided', 'recalled'] as const) {
    const { rows } = await console.conflicts.list({ filter: { status }, offset: 0, limit: 500 })
    parts.push(rows.map(({ recordId }) => recordId).sort())
  }
  parts.push((await console.imports.list()).map(({ status, openConflicts }) => [status, openConflicts]))
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
