/** How a field is made of what a row says, and where fields stand. */
import { z } from 'zod'
import { currencyPattern } from '../../templates/amounts.ts'

export const column = z.string().min(1).max(1000)
const mark = z.enum(['.', ','])
const currency = z.union([
  z.strictObject({ code: z.string().regex(currencyPattern, 'a currency is three capital letters') }),
  z.strictObject({ column }),
])

const name = '[A-Za-z][A-Za-z0-9_]*'
const isSafe = (path: string): boolean => !/(^|\.)(__proto__|constructor\.prototype)($|\.)/.test(path)

export const fieldPath = z
  .string()
  .regex(new RegExp(`^${name}(\\.${name}){0,7}$`), 'a field is a dotted path of names')
  .refine(isSafe, 'this name is not allowed')

/** Also of a line: `lines.*.quantity`. */
export const mappedPath = z
  .string()
  .regex(
    new RegExp(`^${name}(\\.${name}){0,7}(\\.\\*(\\.${name}){1,8})?$`),
    'a field is a dotted path of names',
  )
  .refine(isSafe, 'this name is not allowed')

export const conversion = z.discriminatedUnion('as', [
  /** As it stands, without blanks around it. */
  z.strictObject({ as: z.literal('text'), column }),
  /** Lists, objects and numbers of documents, as they are. */
  z.strictObject({ as: z.literal('value'), column }),
  z.strictObject({ as: z.literal('integer'), column, mark: mark.default('.') }),
  /** Decimal text: quantities, prices, rates. */
  z.strictObject({ as: z.literal('decimal'), column, mark: mark.default('.') }),
  /** Money, in minor units of its currency. */
  z.strictObject({ as: z.literal('minor'), column, mark: mark.default('.'), currency }),
  z.strictObject({ as: z.literal('date'), column, order: z.enum(['ymd', 'dmy', 'mdy']).default('ymd') }),
  z.strictObject({
    as: z.literal('boolean'),
    column,
    yes: z.array(z.string()).min(1).max(20),
    no: z.array(z.string()).min(1).max(20),
  }),
  z.strictObject({ as: z.literal('constant'), value: z.union([z.string().max(1000), z.int(), z.boolean()]) }),
  /** Empty parts are left out, their separator too. */
  z.strictObject({
    as: z.literal('join'),
    columns: z.array(column).min(1).max(20),
    separator: z.string().max(20),
  }),
  /** Fields of the record and of its lines, mapped before it to whole numbers, added up: the first has to be there. */
  z.strictObject({ as: z.literal('sum'), of: z.array(mappedPath).min(1).max(20) }),
  /** A share of an amount of each line, such as VAT: rounded half away from zero, then added up. No rate is no share. */
  z.strictObject({
    as: z.literal('rate'),
    column,
    mark: mark.default('.'),
    /** 100 where the column says 19 for 19 percent, 1 where it says 0.19. */
    per: z.union([z.literal(1), z.literal(100)]).default(100),
    of: mappedPath,
  }),
])

export type Conversion = z.output<typeof conversion>
/** What is read from cells, one row at a time. */
export type CellConversion = Exclude<Conversion, { as: 'sum' | 'rate' }>

export interface FieldMapping {
  /** Dotted; of a line, `lines.*.quantity`. */
  readonly path: string
  readonly from: Conversion
  readonly required: boolean
}
