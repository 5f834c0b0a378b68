/** Where a page ended, as text for the next call: the place of its last row in the order of the query. */
import { z } from 'zod'
import { LobbyError } from '../../errors.ts'
import { hashJson } from '../../canonical-json.ts'
import type { OrderedRow } from './order.ts'
import type { ShardedPlan } from './plan.ts'

const MOST_CHARACTERS = 16_384

const Key = z.union([z.string(), z.number(), z.boolean(), z.null()])
const Cursor = z.strictObject({ q: z.string(), k: z.array(Key), v: z.string(), i: z.string() })

export function encodeCursor(plan: ShardedPlan, { keys, vaultId, id }: OrderedRow): string {
  const simple = keys.map((key) => (Key.safeParse(key).success ? key : null))
  return Buffer.from(JSON.stringify({ q: queryHash(plan), k: simple, v: vaultId, i: id })).toString(
    'base64url',
  )
}

/** @throws LobbyError CURSOR_INVALID for anything that is not a cursor of this query */
export function decodeCursor(plan: ShardedPlan, text: string): OrderedRow {
  const parsed = text.length > MOST_CHARACTERS ? null : Cursor.safeParse(parseJson(text)).data
  if (parsed?.q !== queryHash(plan) || parsed.k.length !== plan.order.length)
    throw new LobbyError('CURSOR_INVALID', 'This cursor does not belong to this query.')
  return { keys: parsed.k, vaultId: parsed.v, id: parsed.i }
}

/** A cursor of one query says nothing about another. */
function queryHash({ collection, clauses, order }: ShardedPlan): string {
  return hashJson({ collection, clauses, order }).slice(0, 16)
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return value
  } catch {
    return null // refused by the schema, with everything else that is no cursor
  }
}
