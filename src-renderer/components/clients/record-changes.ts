import type { FieldHint } from '../../../src-shared/ipc/common.ts'
import {
  currencyAt,
  entryFields,
  listAt,
  ownFields,
  sameValue,
  valueAt,
  type Body,
} from '../../lib/record-path.ts'

export interface FieldChange {
  readonly hint: FieldHint
  readonly before: unknown
  readonly after: unknown
  readonly currency: string | null
}

/** Fields that differ from one version to the next; entries of lists one by one, by their place. */
export function changesBetween(fields: readonly FieldHint[], before: Body, after: Body): FieldChange[] {
  return ownFields(fields)
    .flatMap((hint) => (hint.type === 'lines' ? entryHints(fields, hint, before, after) : [hint]))
    .map((hint) => ({
      hint,
      before: valueAt(before, hint.path),
      after: valueAt(after, hint.path),
      currency: currencyAt(after, hint) ?? currencyAt(before, hint),
    }))
    .filter((change) => !sameValue(change.before, change.after))
}

function entryHints(fields: readonly FieldHint[], list: FieldHint, before: Body, after: Body): FieldHint[] {
  const count = Math.max(listAt(before, list.path).length, listAt(after, list.path).length)
  const columns = entryFields(fields, list.path)
  return Array.from({ length: count }, (_, at) =>
    columns.map((column) => ({
      ...column,
      path: `${list.path}.${at}.${column.path}`,
      label: `${list.label} ${at + 1}: ${column.label}`,
    })),
  ).flat()
}
