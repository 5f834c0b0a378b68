/** The amounts of a record, as its template describes them. */
import type { Amount } from '../invariants/types.ts'
import type { CompiledCollection } from './compile.ts'
import { reader, valueAt } from './field-values.ts'

export function amountsOf({ fields }: Pick<CompiledCollection, 'fields'>, body: unknown): Amount[] {
  return fields.flatMap(({ path, label, type, currencyPath }) => {
    if (type !== 'money') return []
    const parts = reader(path)(body).filter((part) => typeof part === 'number')
    const minor = parts.reduce((sum, part) => sum + part, 0)
    if (parts.length === 0 || !Number.isSafeInteger(minor)) return []
    const currency = currencyPath === undefined ? undefined : valueAt(body, currencyPath)
    return [{ path, label, currency: typeof currency === 'string' ? currency : null, minor }]
  })
}
