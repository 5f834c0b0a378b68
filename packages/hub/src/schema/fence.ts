/**
 * `_meta/schema-fence`: the schema generation of a vault and whether a cutover is under way, in clear. A
 * cutover adds who runs it and until when it answers for it: a fence whose owner died does not block for ever.
 */
import { keepsTokens } from '../indexes/vault-indexes.ts'
import { isJsonObject } from '../pod/untrusted-json.ts'
import type { FenceState } from '../types/schema.ts'
import type { EncryptedEnvelope, NoydbStore, TxOp } from '../types/store.ts'

const META = '_meta'
const FENCE = 'schema-fence'

export interface Fence {
  readonly currentSchemaVersion: number
  readonly fenceState: FenceState
}

/** The cutover that led to a generation; kept until the next one. */
export interface LastCutover {
  readonly generation: number
  /** Records it rewrote. */
  readonly records: number
}

export interface FenceDocument extends Fence {
  /** ULID of the session that runs the cutover. */
  readonly owner?: string
  /** ISO-8601; renewed while the owner lives. */
  readonly leaseUntil?: string
  /** What the cutover leads to. Set once rows may have been rewritten one by one (stores without `tx`). */
  readonly target?: string
  readonly last?: LastCutover
}

/** With the envelope it was read from; null where there is none. */
export interface FenceRow {
  readonly document: FenceDocument
  readonly envelope: EncryptedEnvelope | null
}

const NONE: Fence = { currentSchemaVersion: 0, fenceState: 'normal' }
const STATES: readonly FenceState[] = ['normal', 'draining', 'migrating', 'complete']

/** Live from the store; missing or unreadable counts as generation 0, normal. */
export async function readFence(store: NoydbStore, vault: string): Promise<Fence> {
  const { currentSchemaVersion, fenceState } = (await readFenceRow(store, vault)).document
  return { currentSchemaVersion, fenceState }
}

export async function readFenceRow(store: NoydbStore, vault: string): Promise<FenceRow> {
  const envelope = await store.get(vault, META, FENCE)
  return { document: envelope === null ? NONE : parseFence(envelope._data), envelope }
}

/** A cutover keeps every write out. */
export function isClosed({ fenceState }: Fence): boolean {
  return fenceState === 'draining' || fenceState === 'migrating'
}

/** Replaces exactly the row it was given. */
export function fenceOp(
  vault: string,
  document: FenceDocument,
  { envelope: before }: FenceRow,
  ts: string,
): TxOp & { envelope: EncryptedEnvelope } {
  const expectedVersion = before?._v ?? 0
  const clear = { _noydb: 1, _v: expectedVersion + 1, _ts: ts, _iv: '' } as const
  const envelope = { ...clear, _data: JSON.stringify(document) }
  return { vault, collection: META, id: FENCE, op: 'put', envelope, expectedVersion }
}

/** Changes nothing; fails the transaction it is part of when the fence is no longer the one in `row`. */
export function sameFenceOp(store: NoydbStore, vault: string, { envelope }: FenceRow): TxOp {
  const address = { vault, collection: META, id: FENCE }
  if (keepsTokens(store)) return { ...address, op: 'check', expectedVersion: envelope?._v ?? 0 }
  // The same said with what every store with `tx` understands.
  if (envelope === null) return { ...address, op: 'delete', expectedVersion: 0 }
  return { ...address, op: 'put', envelope, expectedVersion: envelope._v }
}

function parseFence(text: string): FenceDocument {
  try {
    const fence: unknown = JSON.parse(text)
    if (!isJsonObject(fence)) return NONE
    const fenceState = STATES.find((state) => state === fence.fenceState)
    const generation = fence.currentSchemaVersion
    if (fenceState === undefined || typeof generation !== 'number' || !Number.isSafeInteger(generation))
      return NONE
    return { currentSchemaVersion: generation, fenceState, ...cutoverMembers(fence) }
  } catch {
    return NONE // not JSON: unreadable, as the contract has it
  }
}

function cutoverMembers({ owner, leaseUntil, target, last }: Readonly<Record<string, unknown>>) {
  return {
    ...lastMember(last),
    ...(typeof owner === 'string' && { owner }),
    ...(typeof leaseUntil === 'string' && { leaseUntil }),
    ...(typeof target === 'string' && { target }),
  }
}

function lastMember(last: unknown): { last?: LastCutover } {
  if (!isJsonObject(last)) return {}
  const { generation, records } = last
  return typeof generation === 'number' && typeof records === 'number'
    ? { last: { generation, records } }
    : {}
}
