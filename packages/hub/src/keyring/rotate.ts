/**
 * New keys for everything that somebody who was left out could read: all rows sealed again, the members who stay
 * given the new keys in a box of their own. One store transaction where there is `tx`; else prepared, decided
 * and carried out (`rotation-log.ts`).
 */
import type { KeyObject } from 'node:crypto'
import { newKey } from '../crypto/aead.ts'
import { sealBox } from '../crypto/curve25519.ts'
import type { LongWork } from '../types/collection.ts'
import type { TxWriteOp } from '../types/store.ts'
import { dropIndexOps } from '../indexes/index-row.ts'
import { writeRows } from '../transaction/store-write.ts'
import { allKeys, entryOps, keyPlace, type AccessEntry, type Manager } from './access.ts'
import { affectedBy, isAffected } from './affected.ts'
import {
  keyringEnvelope,
  KEYRING,
  parseKeyringFile,
  type KeyringFile,
  type StoredKeyring,
} from './keyring-file.ts'
import { resealOp, resealRows, type KeyChange, type KeyChanges } from './reseal.ts'
import { readsEverything } from './roles.ts'
import { endingOp, writePrepared } from './rotation-log.ts'
import { holdingOf, isOnRoster, rosterOp, type Member } from './roster.ts'
import { UNDER_VAULT_KEY } from './row-place.ts'
import { deliveryContext, isSealed, signDelivery } from './seal.ts'
import { oldKeyOp, sharedKeyOp, type SharedKey, type SharedKeyPlace } from './shared-keys.ts'
import { parseOrNull } from './target.ts'
import { isExpired, type Delivered } from './unlock.ts'

export interface Rotation {
  /** The roster as it is to be; `seal: null` = gone. */
  readonly members: ReadonlyMap<string, Member>
  /** Written with it: the keyrings that go. */
  readonly ops: readonly TxWriteOp[]
  readonly entry: AccessEntry
}

/** @throws ConflictError when a row changed meanwhile, in which case nothing was written */
export async function rotateKeys(manager: Manager, rotation: Rotation, work: LongWork): Promise<void> {
  const { core, keys, ts } = manager
  const staying = await stayingMembers(manager, rotation.members)
  const files = new Map([...staying].map(([userId, { file }]) => [userId, file]))
  const next = await newKeys(manager, rotation.members, files)
  const { ops, records } = await resealRows(core, next.changes, work)
  const entry = (await hasAudit(manager)) ? await entryOps(core, ts, rotation.entry, records) : []
  const all = [
    ...rotation.ops,
    ...ops,
    ...(await dropIndexOps(core, [...next.changes.keys()])),
    ...keyOps(manager, next),
    ...deliveryOps(manager, staying, next),
    rosterOp(next.place, rosterAfter(rotation.members, files), manager.roster.version),
    ...entry.map((op) => resealOp(core, next.changes, op)),
  ]
  work.signal?.throwIfAborted()
  await write(manager, { vault: core.name, generation: keys.unlocked.generation, by: keys.userId, ts }, all)
}

async function write(
  { core }: Manager,
  ending: Parameters<typeof endingOp>[0],
  ops: readonly TxWriteOp[],
): Promise<void> {
  const { store } = core
  if (store.tx === undefined) return writePrepared(store, ending, ops)
  await writeRows(store, [...ops, endingOp(ending)])
}

/** Those whose file is what was granted to them, and has not run out. */
async function stayingMembers(
  manager: Manager,
  members: ReadonlyMap<string, Member>,
): Promise<Map<string, StoredKeyring>> {
  const { core, scope, roster } = manager
  const staying = new Map<string, StoredKeyring>()
  for (const [userId, { seal }] of members) {
    const envelope = seal === null ? null : await core.store.get(core.name, KEYRING, userId)
    const file = envelope === null ? null : parseOrNull(() => parseKeyringFile(envelope))
    if (envelope === null || file?.user_id !== userId) continue
    const isGranted = file.box_key !== undefined && isOnRoster(roster, file) && isSealed(file, scope)
    if (isGranted && !isExpired(file, core.session.clock()))
      staying.set(userId, { file, version: envelope._v })
  }
  return staying
}

interface NextKeys {
  readonly before: ReadonlyMap<string, SharedKey>
  /** Every data key, old or new. */
  readonly deks: ReadonlyMap<string, KeyObject>
  readonly vaultKey: KeyObject
  readonly changes: KeyChanges
  readonly place: SharedKeyPlace
}

async function newKeys(
  manager: Manager,
  members: ReadonlyMap<string, Member>,
  files: ReadonlyMap<string, KeyringFile>,
): Promise<NextKeys> {
  const affected = affectedBy(members, files)
  const before = await allKeys(manager)
  const changes = new Map<string, KeyChange>()
  const deks = new Map<string, KeyObject>()
  for (const [collection, { key }] of before) {
    const changed = isAffected(affected, collection)
    if (changed) changes.set(collection, { from: key, to: newKey() })
    deks.set(collection, changes.get(collection)?.to ?? key)
  }
  const vaultKey = affected.everything ? newKey() : manager.vaultKey
  if (affected.everything) changes.set(UNDER_VAULT_KEY, { from: manager.vaultKey, to: vaultKey })
  return { before, deks, vaultKey, changes, place: { ...keyPlace(manager), vaultKey } }
}

/** The shared rows of the new keys, and the old keys put away. */
function keyOps({ keys }: Manager, { before, deks, changes, place }: NextKeys): TxWriteOp[] {
  const ops: TxWriteOp[] = []
  for (const [collection, { key, version }] of before) {
    const next = deks.get(collection) ?? key
    if (changes.has(collection)) ops.push(oldKeyOp(place, keys.unlocked.generation, collection, key))
    if (changes.has(collection) || changes.has(UNDER_VAULT_KEY))
      ops.push(sharedKeyOp(place, collection, next, version))
  }
  return ops
}

function deliveryOps(
  manager: Manager,
  staying: ReadonlyMap<string, StoredKeyring>,
  next: NextKeys,
): TxWriteOp[] {
  const { core, ts } = manager
  return [...staying].map(([id, { file, version }]) => {
    const envelope = keyringEnvelope(withDelivery(manager, file, next), version + 1, ts)
    return { vault: core.name, collection: KEYRING, id, op: 'put', envelope, expectedVersion: version }
  })
}

/** Wraps of the earlier generation go: the box holds whatever this member may have. */
function withDelivery({ keys, signer }: Manager, file: KeyringFile, next: NextKeys): KeyringFile {
  const { vaultUlid, generation: before } = keys.unlocked
  const generation = before + 1
  const { vault_key: _earlier, box_key: boxKey = '', ...rest } = file
  const context = deliveryContext(vaultUlid, file.user_id, generation)
  const box = sealBox(boxKey, JSON.stringify(delivered(file, next)), context)
  const delivery = signDelivery(file, { generation, box }, vaultUlid, signer)
  return { ...rest, box_key: boxKey, deks: {}, delivery }
}

function delivered({ role, permissions }: KeyringFile, { deks, vaultKey }: NextKeys): Delivered {
  if (readsEverything(role)) return { deks: {}, vaultKey: base64(vaultKey) }
  const own = [...deks].filter(([name]) => name.startsWith('_') || Object.hasOwn(permissions, name))
  return { deks: Object.fromEntries(own.map(([name, key]) => [name, base64(key)])) }
}

/** Nobody holds more than is granted any more, and those who are gone are forgotten. */
function rosterAfter(
  members: ReadonlyMap<string, Member>,
  files: ReadonlyMap<string, KeyringFile>,
): Map<string, Member> {
  const after = new Map<string, Member>()
  for (const [userId, member] of members) {
    const file = files.get(userId)
    if (member.seal !== null)
      after.set(userId, { ...member, held: file === undefined ? [] : holdingOf(file) })
  }
  return after
}

/** A trail that exists has to say why the rows it knows look different. */
async function hasAudit({ core }: Manager): Promise<boolean> {
  return core.session.audit || (await core.audit.readHead()).version > 0
}

function base64(key: KeyObject): string {
  return key.export().toString('base64')
}
