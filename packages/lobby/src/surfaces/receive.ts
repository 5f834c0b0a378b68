/** Acts of the other party: checked against what is known of it, then kept together with what becomes of the agreement. */
import type { StateManagementVault } from '../federation/registry/state-management-vault.ts'
import type { SurfaceRow } from '../federation/registry/types.ts'
import { ownIdentity } from '../identity/own-identity.ts'
import { openState, type State } from '../state.ts'
import type { SurfaceSide } from './agreement-types.ts'
import { decodeSurfaceFile, hashAct, type SurfaceAct } from './act-file.ts'
import { ActRows } from './act-rows.ts'
import { consequencesOf, type Consequence } from './consequences.ts'
import { assertExpiry } from './definition.ts'
import type { SurfaceErrorCode } from './error-codes.ts'
import { SurfaceNotFoundError, SurfaceStateError } from './errors.ts'
import { effectOf, signedRow } from './issue.ts'
import { assertConfirmed, partiesOf, sideOfKey } from './parties.ts'
import { refusal } from './refusal.ts'
import { otherSide, replay, withAct, type KnownAct, type KnownActs } from './replay.ts'
import { SurfaceStore, type Alongside } from './surface-store.ts'

export interface ReceiveOptions {
  /** Fingerprint that was read aloud, where this party's key is not known yet. */
  readonly trust?: string
  /** Stages more writes of the same transaction. */
  readonly alongside?: Alongside
}

export interface ReceivedAct {
  readonly row: SurfaceRow
  readonly act: SurfaceAct
  /** `lapsed`: made without knowledge of an act of ours that left nothing for it to do; kept, without effect. */
  readonly outcome: 'applied' | 'unchanged' | 'lapsed'
  /** Why it lapsed. */
  readonly code?: SurfaceErrorCode
  /** Own acts that have no effect any more because this one comes before them. */
  readonly undone: readonly SurfaceAct[]
  readonly consequences: readonly Consequence[]
}

export async function receiveAct(
  smv: StateManagementVault,
  file: Uint8Array | string,
  { alongside, ...options }: ReceiveOptions,
  now: number,
): Promise<ReceivedAct> {
  const act = decodeSurfaceFile(file)
  const store = new SurfaceStore(smv)
  const rows = new ActRows(store.vault)
  let received: ReceivedAct | undefined
  await store.change(act.surface, `surfaces.receive ${act.act}`, async (before) => {
    const judged = await judgeAct({ store, rows, before, act, now, ...options })
    received = judged.received
    const { side } = judged
    if (side === null) return { row: null, also: alongside }
    return {
      row: received.row,
      also: async (tx) => {
        rows.add(tx, side, act, { keptAt: now, received: true })
        await alongside?.(tx)
      },
    }
  })
  if (received === undefined) throw new SurfaceNotFoundError(act.surface)
  return received
}

/** What taking the file would make of the agreement; nothing is written. Throws what taking it would. */
export async function inspectAct(
  smv: StateManagementVault,
  file: Uint8Array | string,
  options: ReceiveOptions,
  now: number,
): Promise<ReceivedAct> {
  const act = decodeSurfaceFile(file)
  const store = new SurfaceStore(smv)
  const before = (await store.find(act.surface))?.row ?? null
  const rows = new ActRows(store.vault)
  return (await judgeAct({ store, rows, before, act, now, ...options })).received
}

interface Judging extends ReceiveOptions {
  readonly store: SurfaceStore
  readonly rows: ActRows
  readonly before: SurfaceRow | null
  readonly act: SurfaceAct
  readonly now: number
}

/** `side` is null for a file that was taken before. */
async function judgeAct({
  store,
  rows,
  before,
  act,
  now,
  trust,
}: Judging): Promise<{ readonly side: SurfaceSide | null; readonly received: ReceivedAct }> {
  const one = { act, hash: hashAct(act) }
  const acts = await rows.acts(act.surface)
  if (isKept(acts, one)) return { side: null, received: unchanged(before, act) }
  const state = await openState(store.db)
  const { publicKey } = await ownIdentity(store.db)
  const side = await sideOf({ state, before, act, publicKey, trust })
  assertFollows(acts, side, act)
  if (act.terms !== undefined && act.act !== 'narrow') assertExpiry(act.terms, Date.parse(act.at))
  return { side, received: takeAct({ before, acts, side, one, now }) }
}

function isKept(acts: KnownActs, { hash }: KnownAct): boolean {
  return [...acts.proposer, ...acts.other].some((kept) => kept.hash === hash)
}

function unchanged(row: SurfaceRow | null, act: SurfaceAct): ReceivedAct {
  if (row === null) throw new SurfaceNotFoundError(act.surface)
  return { row, act, outcome: 'unchanged', undone: [], consequences: [] }
}

interface Sender {
  readonly state: State
  readonly before: SurfaceRow | null
  readonly act: SurfaceAct
  /** Our own. */
  readonly publicKey: string
  readonly trust: string | undefined
}

/** Whose act it is. @throws LobbyError SURFACE_PARTY for anybody's but the other party's, SurfacePartyUnknownError */
async function sideOf({ state, before, act, publicKey, trust }: Sender): Promise<SurfaceSide> {
  const { by, to, surface } = act
  if (by.publicKey === publicKey || (to.publicKey !== null && to.publicKey !== publicKey))
    throw refusal('SURFACE_PARTY', surface, by.party)
  if (before === null) {
    if (act.act !== 'propose') throw new SurfaceNotFoundError(surface)
    await assertConfirmed(state, by, trust)
    return 'proposer'
  }
  if (before.agreement?.parties === undefined) throw new SurfaceStateError(surface, before.status, 'absent')
  const parties = partiesOf(before)
  const side = sideOfKey(parties, by.publicKey)
  if (side !== null) return side
  // Only who proposed waits for a key: a third party is told by it from then on.
  if (parties.other.publicKey !== null || parties.proposer.publicKey !== publicKey)
    throw refusal('SURFACE_PARTY', surface, by.party)
  await assertConfirmed(state, by, trust)
  return 'other'
}

/** @throws LobbyError SURFACE_FILE_MISSING, SURFACE_FILE_FORKED, SURFACE_FILE_INVALID */
function assertFollows(acts: KnownActs, side: SurfaceSide, act: SurfaceAct): void {
  const own = acts[side]
  const last = own.at(-1)
  if (act.number > own.length + 1) throw refusal('SURFACE_FILE_MISSING', act.surface, `${own.length + 1}`)
  if (act.number <= own.length || act.previous !== (last?.hash ?? null))
    throw refusal('SURFACE_FILE_FORKED', act.surface, `${act.number}`)
  if (act.seen < (last?.act.seen ?? 0)) throw refusal('SURFACE_FILE_INVALID', act.surface)
  // It has seen acts we never made, as after a restored backup here.
  if (act.seen > acts[otherSide(side)].length) throw refusal('SURFACE_FILE_FORKED', act.surface)
}

interface Taking {
  readonly before: SurfaceRow | null
  readonly acts: KnownActs
  readonly side: SurfaceSide
  readonly one: KnownAct
  readonly now: number
}

function takeAct({ before, acts, side, one, now }: Taking): ReceivedAct {
  const { act, hash } = one
  const all = withAct(acts, side, one)
  const [then, after] = [replay(acts), replay(all)]
  const ours = acts[otherSide(side)]
  // Made in full knowledge: what does not fit now never did.
  if (act.seen === ours.length) effectOf(act.surface, after, hash, before)
  const code = after.lapsed.get(hash)
  const row = signedRow(act.surface, after, all, before, now)
  const undone = ours.filter(({ hash: own }) => after.lapsed.has(own) && !then.lapsed.has(own))
  return {
    row,
    act,
    outcome: code === undefined ? 'applied' : 'lapsed',
    ...(code !== undefined && { code }),
    undone: undone.map((lapsed) => lapsed.act),
    consequences:
      after.state === null ? [] : consequencesOf(then.state, after.state, { kind: act.act, by: side }),
  }
}
