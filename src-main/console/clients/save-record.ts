/** How an edited record is saved: judged by its template first, and against a rule only with a reason that is reported. */
import {
  asException,
  type BrokenRule,
  type Exception,
  isOpen,
  judgeChanges,
  putException,
} from '@klum-db/lobby'
import type { CompiledCollection } from '@klum-db/lobby/templates'
import type { VaultApi } from '@noy-db/hub'
import { isDeepStrictEqual } from 'node:util'
import { AppError } from '../app-error.ts'
import type { PeriodBooks } from '../periods/books.ts'
import type { RuleBook } from '../rules.ts'
import type { Open } from '../session.ts'
import { clientNames } from './names.ts'
import { collectionTemplate, type RecordKey } from './record-detail.ts'

type Body = Record<string, unknown>

export interface RecordEdit extends RecordKey {
  readonly record: Body
  readonly expectedVersion: number
  readonly reason?: string | undefined
  /** Why it is saved against a rule, or into a closed period. */
  readonly override?: string | undefined
}

export interface SaveParts {
  readonly books: PeriodBooks
  readonly rules: RuleBook
}

const command = 'clients.saveRecord'

/** @throws AppError VERSION_CONFLICT, RECORD_INVALID, RULES_BROKEN, PERIOD_CLOSED */
export async function saveRecord(open: Open, parts: SaveParts, edit: RecordEdit): Promise<void> {
  const { collection, id, expectedVersion, override } = edit
  const template = collectionTemplate(open, edit.vaultId, collection)
  const vault = await open.vault(edit.vaultId)
  const record = withoutBlanks(edit.record)
  const before = await vault.collection<Body>(collection).entry(id)
  const change = { id, before: before?.record ?? null, after: record }
  if (before?.metadata.version === expectedVersion && isDeepStrictEqual(before.record, record)) return
  const broken = await judge(open, parts, vault, { ...edit, ...change })
  const isLocked = isOpen(broken) || (await isClosed(open, parts, vault, [template, before?.record, record]))
  const exceptions = override === undefined || !isLocked ? [] : asException(broken, override)
  await write(open, vault, { ...edit, record }, exceptions)
}

interface Change {
  readonly id: string
  readonly before: Body | null
  readonly after: Body
}

/** @throws AppError RULES_BROKEN where a reason is wanted, RECORD_INVALID where none helps */
async function judge(
  open: Open,
  { rules }: SaveParts,
  vault: VaultApi,
  { collection, override, id, before, after }: RecordEdit & Change,
): Promise<readonly BrokenRule[]> {
  const judged = rules.rulesOf(open)(vault.name)
  if (judged === undefined) return []
  const [broken = []] = await judgeChanges(judged, collection, [{ id, before, after }])
  const never = broken.filter(({ enforce }) => enforce === 'refuse')
  if (never.length === 0 && (override !== undefined || !isOpen(broken))) return broken
  const client = (await clientNames(open.state))(vault.name)
  if (never.length > 0) {
    const issues = await rules.view(open, { vault: vault.name, client }, never)
    throw new AppError('RECORD_INVALID', undefined, { issues })
  }
  throw new AppError('RULES_BROKEN', undefined, {
    broken: await rules.view(open, { vault: vault.name, client }, broken),
  })
}

/** Of a template with periods and no rule about them: the guard asks all the same. */
async function isClosed(
  open: Open,
  { books }: SaveParts,
  vault: VaultApi,
  [template, ...records]: readonly [CompiledCollection, ...unknown[]],
): Promise<boolean> {
  const book = await books.of(open, vault.name)
  return records.some((record) => {
    const period = record === undefined ? null : template.periodOf(record)
    return period !== null && book?.has(period) === true
  })
}

async function write(
  open: Open,
  vault: VaultApi,
  { collection, id, record, expectedVersion, reason, override }: RecordEdit,
  exceptions: readonly Exception[],
): Promise<void> {
  const why = reason ?? (exceptions.length > 0 ? override : undefined)
  await open.db.transaction(
    (tx) => {
      tx.put(vault, collection, id, record, { expectedVersion })
      for (const exception of exceptions) putException(tx, vault, { collection, id, command, ...exception })
    },
    { command, ...(why === undefined ? {} : { reason: why }) },
  )
}

/** A field emptied in a form is a field the record does not have. */
function withoutBlanks(record: Body): Body {
  const kept = Object.entries(record).filter(
    ([, value]) => value !== '' && value !== null && value !== undefined,
  )
  return Object.fromEntries(
    kept.map(([name, value]) => [name, isObject(value) ? withoutBlanks(value) : value]),
  )
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
