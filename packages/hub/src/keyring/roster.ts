/**
 * `_access/roster`: who has a keyring by grant, sealed under the vault key. A keyring file alone proves that it
 * was granted once; only what the roster names as well gets new keys at a rotation. It also remembers who
 * holds more than the present grant says (a former viewer, somebody whose keyring was only taken away), for
 * the next rotation to end.
 */
import type { KeyObject } from 'node:crypto'
import type { RowCodec } from '../crypto/row-codec.ts'
import { TamperedError } from '../errors.ts'
import type { Role } from '../types/access.ts'
import type { NoydbStore, TxWriteOp } from '../types/store.ts'
import type { KeyringFile } from './keyring-file.ts'
import { readsEverything } from './roles.ts'
import type { SharedKeyPlace } from './shared-keys.ts'

const ACCESS = '_access'
const ROSTER = 'roster'

/** `*` = the vault key and with it everything; else names of collections. */
export type Holding = '*' | readonly string[]

export interface Member {
  readonly role: Role
  /** Signature of the keyring file's claims; null once the keyring was taken away. */
  readonly seal: string | null
  /** Every key this user may have a copy of. */
  readonly held: Holding
}

export interface Roster {
  readonly members: ReadonlyMap<string, Member>
  /** Of the stored row; 0 = there is none yet. */
  readonly version: number
}

/** @throws TamperedError when the row was changed, or is gone */
export async function readRoster(
  store: NoydbStore,
  vault: string,
  codec: RowCodec,
  vaultKey: KeyObject,
): Promise<Roster> {
  const envelope = await store.get(vault, ACCESS, ROSTER)
  if (envelope === null) throw new TamperedError(`The list of who has access to ${vault} is missing.`)
  const text = codec.open(vaultKey, { collection: ACCESS, id: ROSTER }, envelope)
  const members = JSON.parse(text) as Array<[string, Member]> // sealed by us
  return { members: new Map(members), version: envelope._v }
}

export function rosterOp(
  place: SharedKeyPlace,
  members: ReadonlyMap<string, Member>,
  replaces: number,
): TxWriteOp {
  const { vault, codec, vaultKey, by, ts } = place
  const address = { collection: ACCESS, id: ROSTER }
  const envelope = codec.seal(
    vaultKey,
    address,
    { version: replaces + 1, ts, by },
    JSON.stringify([...members]),
  )
  return { vault, ...address, op: 'put', envelope, expectedVersion: replaces }
}

export function memberOf(file: KeyringFile, before?: Member): Member {
  const holding = holdingOf(file)
  const held = before === undefined ? holding : union(before.held, holding)
  return { role: file.role, seal: file.seal?.signature ?? null, held }
}

/** What a grant gives; the keys of reserved collections go to every member and are not named. */
export function holdingOf({ role, permissions }: KeyringFile): Holding {
  return readsEverything(role) ? '*' : Object.keys(permissions)
}

export function isOnRoster({ members }: Roster, file: KeyringFile): boolean {
  const member = members.get(file.user_id)
  return member !== undefined && member.seal !== null && member.seal === file.seal?.signature
}

function union(left: Holding, right: Holding): Holding {
  return left === '*' || right === '*' ? '*' : [...new Set([...left, ...right])]
}
