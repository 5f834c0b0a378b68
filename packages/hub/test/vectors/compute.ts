/** From the `in` of a vector to its `out`, by the code in `../formats` alone. Bytes are hex. */
import { encodeParts, encodeText, partitionHeader } from '../formats/container.ts'
import { makeBody1, type Row1 } from '../formats/partition-1.ts'
import { joinParts2, makeParts2, type Head2 } from '../formats/partition-2.ts'
import { countingIvs } from '../formats/seal.ts'
import {
  associatedData,
  bound,
  derived,
  envelopeOf,
  masterKey,
  type Clear,
  type Kdf,
} from '../formats/stored.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export interface ContainerIn {
  readonly header: Record<string, unknown>
  readonly compression: number
  readonly body: string
}

export function container({ header, compression, body }: ContainerIn): object {
  return { bytes: toHex(encodeText({ text: JSON.stringify(header), compression, body: hex(body) })) }
}

export interface Partition1In {
  readonly transferKey: string
  readonly head: Record<string, unknown>
  readonly collections: ReadonlyArray<{ name: string; key: string; rows: readonly Row1[] }>
}

export function partition1({ transferKey, head, collections }: Partition1In): object {
  const keyed = collections.map((one) => ({ ...one, key: hex(one.key) }))
  const { wrapper } = makeBody1({
    transferKey: hex(transferKey),
    head,
    collections: keyed,
    ivs: countingIvs(),
  })
  const body = Buffer.from(JSON.stringify(wrapper))
  return {
    body: toHex(body),
    bytes: toHex(encodeParts({ header: partitionHeader(body), body, compression: 0 })),
  }
}

export interface Partition2In {
  readonly transferKey: string
  readonly head: Head2
  readonly about: Record<string, unknown>
  readonly sections: ReadonlyArray<{ collection: string; key: string; lines: readonly string[] }>
}

export function partition2({ transferKey, head, about, sections }: Partition2In): object {
  const keyed = sections.map((one) => ({ ...one, key: hex(one.key) }))
  const parts = makeParts2({
    transferKey: hex(transferKey),
    head,
    about,
    sections: keyed,
    ivs: countingIvs(),
  })
  const body = joinParts2(parts)
  return {
    body: toHex(body),
    bytes: toHex(encodeParts({ header: partitionHeader(body), body, compression: 0 })),
  }
}

export interface EnvelopeIn {
  readonly vaultUlid: string
  readonly collection: string
  readonly id: string
  readonly clear: Clear
  readonly key: string
  readonly iv: string
  readonly text: string
}

export function envelope(input: EnvelopeIn): object {
  const raw = { ...input, key: hex(input.key), iv: hex(input.iv) }
  return { associatedData: associatedData(raw), envelope: envelopeOf(raw) }
}

export interface KeyringIn {
  readonly userId: string
  readonly secret: string
  readonly salt: string
  readonly kdf: Kdf
  readonly vaultUlid: string
  readonly vaultKey: string
  readonly collection: string
  readonly dataKey: string
  readonly ts: string
  readonly record: { readonly id: string; readonly text: string }
}

/** A whole vault of one record, row by row, with the keys on the way to it. */
export async function keyring(
  input: KeyringIn,
): Promise<{ keys: object; rows: Record<string, Record<string, object>> }> {
  const { userId, salt, kdf, vaultUlid, collection, ts, record } = input
  const [vaultKey, dataKey, ivs] = [hex(input.vaultKey), hex(input.dataKey), countingIvs()]
  const master = await masterKey(input.secret, salt, kdf)
  const kek = derived(master, vaultUlid, 'noydb vault key-encryption key v1')
  const canaryKey = derived(master, salt, 'noydb keyring canary v1')
  const canary = JSON.stringify({ vault_ulid: vaultUlid, aad: 'required' })
  const file = {
    _noydb_keyring: 1,
    user_id: userId,
    display_name: userId,
    role: 'owner',
    permissions: {},
    deks: { [collection]: bound(kek, ivs(), dataKey, vaultUlid, collection) },
    vault_key: bound(kek, ivs(), vaultKey, vaultUlid, '/vault-key'),
    salt,
    kdf,
    canary: bound(canaryKey, ivs(), canary, userId, '/canary'),
    created_at: ts,
    granted_by: userId,
  }
  const clear = { _v: 1, _ts: ts, _by: userId }
  const sealed = { vaultUlid, clear }
  const plain = (value: object): object => ({ _noydb: 1, ...clear, _iv: '', _data: JSON.stringify(value) })
  const shared = {
    ...sealed,
    collection: '_deks',
    id: collection,
    key: vaultKey,
    text: dataKey.toString('base64'),
  }
  const row = { ...sealed, collection, id: record.id, key: dataKey, text: record.text }
  const rows = {
    _meta: { handle: plain({ handle: vaultUlid }) },
    _keyring: { [userId]: plain(file) },
    _deks: { [collection]: envelopeOf({ ...shared, iv: ivs() }) },
    [collection]: { [record.id]: envelopeOf({ ...row, iv: ivs() }) },
  }
  return { keys: { master: toHex(master), kek: toHex(kek), canaryKey: toHex(canaryKey) }, rows }
}

/** By the name of the vector's file. */
export async function compute(name: string, input: unknown): Promise<object> {
  // Vectors are our own files; each function takes the members of its kind.
  if (name.startsWith('container')) return container(input as ContainerIn)
  if (name.startsWith('partition-1')) return partition1(input as Partition1In)
  if (name.startsWith('partition-2')) return partition2(input as Partition2In)
  if (name.startsWith('envelope')) return envelope(input as EnvelopeIn)
  return keyring(input as KeyringIn)
}
