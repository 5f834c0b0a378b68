/**
 * Envelopes of one vault: sealing and opening a body together with where and when it belongs.
 * The clear members are bound to the ciphertext (decisions.md 8), so that a row cannot be moved,
 * re-dated or put back under another version by whoever can write to the store.
 */
import type { KeyObject } from 'node:crypto'
import { DecryptionError, TamperedError } from '../errors.ts'
import type { EncryptedEnvelope } from '../types/store.ts'
import { open, seal } from './aead.ts'
import { Scratch } from './scratch.ts'

export interface RowAddress {
  readonly collection: string
  readonly id: string
}

/** The clear members of an envelope. */
export interface RowClear {
  readonly version: number
  readonly ts: string
  readonly by?: string
  readonly source?: string
  readonly sourceTs?: string
  /** Schema generation; see `EncryptedEnvelope._gen`. */
  readonly gen?: number
}

/** `null` as a key means plaintext mode. */
export type RowKey = KeyObject | null

export class RowCodec {
  readonly #vaultUlid: string
  readonly #scratch = new Scratch()
  // Parts of the associated data, which most rows share with the one before.
  #collection: string | undefined
  #placeText = ''
  #last: Origin | undefined
  #originText = ''

  constructor(vaultUlid: string) {
    this.#vaultUlid = vaultUlid
  }

  seal(key: RowKey, address: RowAddress, clear: RowClear, text: string): EncryptedEnvelope {
    const envelope = clearEnvelope(clear)
    if (key === null) {
      envelope._data = text
      return envelope
    }
    const sealed = seal(key, text, this.#associatedData(address, envelope))
    envelope._iv = sealed.iv
    envelope._data = sealed.data
    envelope._aad = 1
    return envelope
  }

  /** The JSON text of a stored row. @throws TamperedError when it is not what was written at this address. */
  open(key: RowKey, address: RowAddress, envelope: EncryptedEnvelope): string {
    if (key === null) return plainText(address, envelope)
    if (envelope._aad !== 1 || envelope._iv === '')
      throw new TamperedError(`${place(address)} is not bound to its place, as every row of this vault is.`)
    try {
      const sealed = { iv: envelope._iv, data: envelope._data }
      return open(key, sealed, this.#associatedData(address, envelope)).toString('utf8')
    } catch (cause) {
      const error = new TamperedError(`${place(address)} was changed, moved or re-dated in the store.`)
      throw Object.assign(error, { cause })
    }
  }

  /** The same row under another key; version, time and place stay. @throws TamperedError */
  reseal(
    from: KeyObject,
    to: KeyObject,
    address: RowAddress,
    envelope: EncryptedEnvelope,
  ): EncryptedEnvelope {
    const text = this.open(from, address, envelope)
    const sealed = seal(to, text, this.#associatedData(address, envelope))
    return { ...envelope, _iv: sealed.iv, _data: sealed.data }
  }

  /**
   * `[vault, collection, id, version, time, by, source, source time]` as JSON, the generation behind where there is one. Good until the
   * next row.
   */
  #associatedData(address: RowAddress, envelope: Omit<EncryptedEnvelope, '_iv' | '_data'>): Buffer {
    const version = JSON.stringify(envelope._v) // a store may have put anything in its place
    return this.#scratch.bytesOf(`${this.#place(address)},${version},${this.#origin(envelope)}]`, 'utf8')
  }

  /** The text of the array's members up to the id. */
  #place({ collection, id }: RowAddress): string {
    if (collection !== this.#collection) {
      this.#collection = collection
      this.#placeText = JSON.stringify([this.#vaultUlid, collection]).slice(0, -1)
    }
    return `${this.#placeText},${JSON.stringify(id)}`
  }

  /** And after the version. */
  #origin({ _ts, _by, _source, _sourceTs, _gen }: Omit<EncryptedEnvelope, '_iv' | '_data'>): string {
    const last = this.#last
    const isSame =
      last?._ts === _ts &&
      last._by === _by &&
      last._source === _source &&
      last._sourceTs === _sourceTs &&
      last._gen === _gen
    if (isSame) return this.#originText
    this.#last = { _ts, _by, _source, _sourceTs, _gen }
    const bound = [_ts, _by ?? null, _source ?? null, _sourceTs ?? null]
    this.#originText = JSON.stringify(_gen === undefined ? bound : [...bound, _gen]).slice(1, -1)
    return this.#originText
  }
}

/** The clear members that rows written together share. */
interface Origin {
  readonly _ts: string
  readonly _by: string | undefined
  readonly _source: string | undefined
  readonly _sourceTs: string | undefined
  readonly _gen: number | undefined
}

type Draft = { -readonly [Member in keyof EncryptedEnvelope]: EncryptedEnvelope[Member] }

/** Filled member by member: one object for each row, where spreading made six. */
function clearEnvelope({ version, ts, by, source, sourceTs, gen }: RowClear): Draft {
  const envelope: Draft = { _noydb: 1, _v: version, _ts: ts, _iv: '', _data: '' }
  if (by !== undefined) envelope._by = by
  if (source !== undefined) envelope._source = source
  if (sourceTs !== undefined) envelope._sourceTs = sourceTs
  if (gen !== undefined) envelope._gen = gen
  return envelope
}

function plainText(address: RowAddress, envelope: EncryptedEnvelope): string {
  if (envelope._iv === '') return envelope._data
  throw new DecryptionError(`${place(address)} is encrypted and this session has no keys (encrypt: false).`)
}

function place({ collection, id }: RowAddress): string {
  return `${collection}/${id}`
}
