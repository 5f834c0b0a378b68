/** What a schema of members cannot say of a profile with lines: which field may stand where, and be made of which. */
import type { Conversion, FieldMapping } from './conversion.ts'

interface Parts {
  readonly fields: readonly FieldMapping[]
  readonly lines?: { readonly path: string } | undefined
}

interface ProfileFault {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

export function faultsOfLines({ fields, lines }: Parts): ProfileFault[] {
  const faults = fields.flatMap((field, at): ProfileFault[] => {
    const message = faultOfField(field, lines) ?? faultOfTotal(field, fields.slice(0, at))
    return message === null ? [] : [{ path: ['fields', at], message }]
  })
  if (lines === undefined || fields.some(({ path }) => path.includes('*'))) return faults
  return [...faults, { path: ['lines'], message: 'no field of a line is mapped' }]
}

function faultOfField({ path, from }: FieldMapping, lines: Parts['lines']): string | null {
  const isOfLine = path.includes('*')
  const isTotal = from.as === 'sum' || from.as === 'rate'
  if (lines === undefined) return isOfLine || isTotal ? 'the profile declares no lines' : null
  if (isOfLine && isTotal) return 'a line has no lines to add up'
  if (isOfLine)
    return path.startsWith(`${lines.path}.*.`) ? null : 'the profile declares another list of lines'
  const isAmidst = `${lines.path}.`.startsWith(`${path}.`) || path.startsWith(`${lines.path}.`)
  return isAmidst ? 'the lines stand there' : null
}

const whole: ReadonlySet<Conversion['as']> = new Set(['minor', 'integer', 'sum', 'rate'])

function faultOfTotal({ path, from }: FieldMapping, before: readonly FieldMapping[]): string | null {
  if (from.as !== 'sum' && from.as !== 'rate') return null
  if (from.as === 'rate' && !from.of.includes('*')) return 'a rate is of an amount of lines'
  const known = new Set(before.filter((field) => whole.has(field.from.as)).map((field) => field.path))
  const unknown = (from.as === 'sum' ? from.of : [from.of]).find((one) => !known.has(one))
  if (unknown === undefined) return null
  return `${path} is made of ${unknown}, which is not mapped before it to a whole number`
}
