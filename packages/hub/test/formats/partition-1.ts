/** A body of format 1 from the description alone (docs/bundle-format.md, section 3). */
import { TRANSFER_SEAL } from './container.ts'
import { sealWith, type Ivs } from './seal.ts'

export interface Row1 {
  readonly id: string
  readonly clear: Readonly<Record<string, unknown>>
  readonly record: unknown
}

export interface Partition1 {
  readonly transferKey: Uint8Array
  readonly head: Readonly<Record<string, unknown>>
  readonly collections: ReadonlyArray<{
    readonly name: string
    readonly key: Uint8Array
    readonly rows: readonly Row1[]
  }>
  readonly ivs: Ivs
}

export interface Body1 {
  readonly _noydb_bundle_body: 1
  dump: string
  readonly _transferSeal: Record<string, unknown>
}

/** The dump and the wrapper as objects, in the order their members are written. */
export function makeBody1({ transferKey, head, collections, ivs }: Partition1): {
  wrapper: Body1
  dump: object
} {
  const sealed = collections.map(({ name, key, rows }) => [
    name,
    Object.fromEntries(rows.map(({ id, clear, record }) => [id, envelope(key, ivs(), clear, record)])),
  ])
  const dump = { ...head, keyrings: {}, collections: Object.fromEntries(sealed) as object, _internal: {} }
  const keys = collections.map(({ name, key }) => [name, Buffer.from(key).toString('base64')])
  const payload = sealWith(transferKey, ivs(), JSON.stringify(Object.fromEntries(keys))).toString('base64')
  const wrapper: Body1 = {
    _noydb_bundle_body: 1,
    dump: JSON.stringify(dump),
    _transferSeal: { ...TRANSFER_SEAL, payload },
  }
  return { wrapper, dump }
}

function envelope(key: Uint8Array, iv: Buffer, clear: object, record: unknown): object {
  const sealed = sealWith(key, iv, JSON.stringify(record)).subarray(iv.length)
  return { _noydb: 1, ...clear, _iv: iv.toString('base64'), _data: sealed.toString('base64') }
}
