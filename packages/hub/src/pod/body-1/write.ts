/** Writes a body of format 1: every record sealed by itself, inside of a backup's text, inside of a wrapper. */
import type { KeyObject } from 'node:crypto'
import { newKey, seal, sealBytes } from '../../crypto/aead.ts'
import type { RecordMetadata } from '../../types/collection.ts'
import { clearMembers } from '../row-rules.ts'
import type { TransferSeal } from '../header.ts'
import type { PackedBody, PartitionHead, PartitionWriter, SchemaRow } from '../partition.ts'

export class Body1Writer implements PartitionWriter {
  readonly #head: PartitionHead
  readonly #pieces: string[] = []
  readonly #keys = new Map<string, KeyObject>()
  readonly #schemas = new Map<string, string>()
  #key: KeyObject | null = null
  #rows = 0

  constructor(head: PartitionHead) {
    this.#head = head
    const backup = {
      _noydb_backup: 1,
      _compartment: head.vault,
      _handle: head.handle,
      _exported_at: head.exportedAt,
      _exported_by: head.userId,
      keyrings: {},
    }
    this.#pieces.push('{"_noydb_bundle_body":1,"dump":"')
    this.#dump(`${JSON.stringify(backup).slice(0, -1)},"collections":{`)
  }

  startCollection(name: string, schema: SchemaRow | null): void {
    this.#dump(`${this.#key === null ? '' : '},'}${JSON.stringify(name)}:{`)
    const key = (this.#key = newKey())
    this.#keys.set(name, key)
    this.#rows = 0
    if (schema === null) return
    const { iv, data } = seal(key, JSON.stringify(schema.body))
    this.#schemas.set(name, `${clearText(schema.clear)},"_iv":"${iv}","_data":"${data}"}`)
  }

  addRow(id: string, clear: RecordMetadata, body: unknown): void {
    if (this.#key === null) throw new TypeError('A row needs a collection that was started.')
    const { iv, data } = seal(this.#key, JSON.stringify(body))
    this.#dump(`${this.#rows === 0 ? '' : ','}${JSON.stringify(id)}:${clearText(clear)}`)
    // Base64 needs no escape, so most of the bytes are not looked at again.
    this.#pieces.push(',\\"_iv\\":\\"', iv, '\\",\\"_data\\":\\"', data, '\\"}')
    this.#rows += 1
  }

  async finish(): Promise<PackedBody> {
    const schemas = [...this.#schemas].map(([name, envelope]) => `${JSON.stringify(name)}:${envelope}`)
    const internal = schemas.length === 0 ? '{}' : `{"_schemas":{${schemas.join(',')}}}`
    this.#dump(`${this.#key === null ? '' : '}'}},"_internal":${internal}}`)
    const { sealId, transferKey, compression } = this.#head
    const transferSeal: TransferSeal = { v: 1, alg: 'aes-256-gcm-pre-shared', sealId }
    const payload = sealKeys(transferKey, this.#keys)
    this.#pieces.push(`","_transferSeal":${JSON.stringify({ ...transferSeal, payload })}}`)
    return { body: Buffer.from(this.#pieces.join('')), compression }
  }

  /** The dump is text inside of JSON: it is escaped once more. */
  #dump(text: string): void {
    this.#pieces.push(JSON.stringify(text).slice(1, -1))
  }
}

/** An envelope without `_aad`, open at its end: readers of this format know no associated data. */
function clearText(clear: RecordMetadata): string {
  return JSON.stringify({ _noydb: 1, ...clearMembers(clear) }).slice(0, -1)
}

/** Base64 of a JSON map, collection -> base64 key, under the transfer key. */
function sealKeys(transferKey: KeyObject, keys: ReadonlyMap<string, KeyObject>): string {
  const raw = [...keys].map(([collection, key]) => [collection, key.export().toString('base64')] as const)
  return sealBytes(transferKey, JSON.stringify(Object.fromEntries(raw))).toString('base64')
}
