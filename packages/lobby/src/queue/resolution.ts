/** What a resolution makes of a record. Preview and decision both come through here. */
import { SchemaValidationError } from '@noy-db/hub'
import { DecisionInvalidError } from '../errors.ts'
import { schemaIssues } from '../import/row-shape.ts'
import type { Body } from '../import/types.ts'
import { fieldChanges } from '../interchange/field-changes.ts'
import { ABSENT, isObject, resolvePath, splitPath, valueAt, withValueAt } from '../interchange/record-path.ts'
import { sameBody, type LoadedConflict } from './queue-context.ts'
import type { ConflictPreview, FieldPick, Resolution } from './types.ts'

/** @throws DecisionInvalidError when the resolution names what is not there; schema issues are in the preview. */
export async function previewResolution(
  loaded: LoadedConflict,
  resolution: Resolution,
): Promise<ConflictPreview> {
  const { collection, view } = loaded
  const wanted = resolve(loaded, resolution)
  if (wanted === null || sameBody(wanted, view.current)) return preview(loaded, wanted, [])
  try {
    const valid = await collection.validateInput(wanted)
    // A validator may leave undefined members or dates; what is stored is JSON.
    return preview(loaded, JSON.parse(JSON.stringify(valid)) as Body, [])
  } catch (error) {
    if (error instanceof SchemaValidationError) return preview(loaded, wanted, schemaIssues(error))
    throw error
  }
}

function preview(
  { view }: LoadedConflict,
  result: Body | null,
  issues: ConflictPreview['issues'],
): ConflictPreview {
  return { result, changes: fieldChanges(view.row.base, view.current, result), issues, moved: view.moved }
}

/** The record as decided; null = deleted. */
function resolve(loaded: LoadedConflict, resolution: Resolution): Body | null {
  const { view, theirs } = loaded
  switch (resolution.kind) {
    case 'ours':
    case 'close':
      return view.current
    case 'theirs':
      return theirs
    case 'base':
      if (view.row.base === null) throw new DecisionInvalidError('No common state of this record is known.')
      return view.row.base
    case 'delete':
      return null
    case 'fields':
      return resolveFields(loaded, resolution.picks)
  }
}

function resolveFields({ view, theirs }: LoadedConflict, picks: Readonly<Record<string, FieldPick>>): Body {
  const { current } = view
  if (current === null) throw new DecisionInvalidError('The record is gone here; take one side as a whole.')
  const sides = { ours: current, theirs: theirs ?? ABSENT, base: view.row.base ?? ABSENT }
  // A field after the object it is in, so that the closer pick counts.
  const ordered = Object.entries(picks).sort(([a], [b]) => splitPath(a).length - splitPath(b).length)
  const result = ordered.reduce<unknown>((body, [path, pick]) => {
    const steps = resolvePath(path, Object.values(sides))
    if (steps.length === 0) throw new DecisionInvalidError('A field needs a name.')
    if (pick.pick === 'custom') return withValueAt(body, steps, pick.value)
    const values = {
      ours: valueAt(sides.ours, steps),
      theirs: valueAt(sides.theirs, steps),
      base: valueAt(sides.base, steps),
    }
    if (Object.values(values).every((value) => value === ABSENT)) {
      throw new DecisionInvalidError(`No side has a field "${path}".`, [{ path, message: 'Not found.' }])
    }
    return withValueAt(body, steps, values[pick.pick])
  }, current)
  if (!isObject(result)) throw new DecisionInvalidError('The result is no record.')
  return result
}

/** Both sides, and where both have the record, each field of theirs alone. */
export function waysToDecide({ view, theirs }: LoadedConflict): Resolution[] {
  const sides: Resolution[] = [{ kind: 'ours' }, { kind: 'theirs' }]
  if (view.current === null || theirs === null || view.fields.length < 2) return sides
  const fields = view.fields.map(({ path }): Resolution => ({
    kind: 'fields',
    picks: { [path]: { pick: 'theirs' } },
  }))
  return [...sides, ...fields]
}
