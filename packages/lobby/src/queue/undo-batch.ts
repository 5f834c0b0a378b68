/** Undo of decisions: the records as they were, the conflicts open again. Works after a restart, from the rows alone. */
import { ConflictError } from '@noy-db/hub'
import type { LongWork } from '@noy-db/hub'
import { DecisionEditedError, LobbyError } from '../errors.ts'
import { onlySignal, pace } from '../pace.ts'
import { putConflict } from './conflict-row.ts'
import { isBody, putBack } from './earlier-record.ts'
import { loadConflict, type LoadedConflict, type QueueContext } from './queue-context.ts'
import type { ConflictRef, ConflictRow } from './types.ts'

/** All of the batch or none. @throws DecisionEditedError naming the records that were edited since */
export async function undoDecisions(
  context: QueueContext,
  batchId: string,
  refs: readonly ConflictRef[],
  work?: LongWork,
): Promise<number> {
  const slices = pace(onlySignal(work))
  const loaded: LoadedConflict[] = []
  for (const ref of refs) {
    await slices.step()
    loaded.push(await loadConflict(context, ref))
  }
  const decided = loaded.filter(({ view }) => view.row.decision?.batchId === batchId)
  if (decided.length === 0)
    throw new LobbyError('CONFLICT_NOT_FOUND', `There is no decision ${batchId} to undo.`)
  const edited = decided.filter((one) => !isAsDecided(one))
  if (edited.length > 0) throw new DecisionEditedError(edited.map(({ view }) => refOf(view.row)))
  try {
    await writeUndo(context, decided, work)
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    throw new DecisionEditedError(decided.map(({ view }) => refOf(view.row)))
  }
  return decided.length
}

/** A decision that wrote nothing can always be taken back. */
function isAsDecided({ entry, view }: LoadedConflict): boolean {
  const { decision } = view.row
  return decision?.before === undefined || isBody(entry, decision.result)
}

export function refOf({ vault, collection, conflictId }: ConflictRef): ConflictRef {
  return { vault, collection, conflictId }
}

async function writeUndo(
  context: QueueContext,
  decided: readonly LoadedConflict[],
  work?: LongWork,
): Promise<void> {
  const slices = pace(onlySignal(work))
  await context.db.transaction(
    async (tx) => {
      for (const { vault, view } of decided) {
        await slices.step()
        const { collection, recordId, decision } = view.row
        const at = { collection, id: recordId, version: view.currentVersion }
        if (decision?.before !== undefined) putBack(tx, vault, at, decision.before)
        putConflict(tx, context.state, vault, reopened(view.row), view.rowVersion)
      }
    },
    { ...work, command: 'conflicts.undo' },
  )
}

function reopened({ decision: _decision, ...row }: ConflictRow): ConflictRow {
  return { ...row, status: 'open' }
}
