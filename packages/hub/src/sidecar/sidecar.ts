/** Reserved rows of one kind, read past every cache. They are written in transactions only. */
import { checkCollectionName, checkSidecarName } from '../collection/check-name.ts'
import { readingKey } from '../collection/read-key.ts'
import type { RowKey } from '../crypto/row-codec.ts'
import { ValidationError } from '../errors.ts'
import { withCurrentKeys } from '../keyring/current-keys.ts'
import { mayRead } from '../keyring/roles.ts'
import { Slices } from '../transaction/slices.ts'
import { readChunks, readPages } from '../transaction/store-write.ts'
import type { EncryptedEnvelope } from '../types/store.ts'
import type { SidecarApi, SidecarKey, SidecarRow } from '../types/transaction.ts'
import type { VaultCore } from '../vault/vault-core.ts'

const KEY_BYTES = 2048
/** Written by the hub alone, in forms of its own. */
const OWN_FORMS = new Set([
  '_keyring',
  '_meta',
  '_deks',
  '_old_deks',
  '_access',
  '_rotations',
  '_rotation_ops',
  '_frozen_snapshots',
  '_schemas',
  '_history',
  '_audit',
  '_tombstones',
  '_tx',
])

/** Store id of a sidecar row: `<collection or nothing>/<key>`. @throws ValidationError */
export function sidecarId({ collection, key }: SidecarKey): string {
  if (collection !== undefined) checkCollectionName(collection)
  if (typeof key !== 'string' || key === '' || Buffer.byteLength(key) > KEY_BYTES)
    throw new ValidationError(`A sidecar key is a text of 1 to ${KEY_BYTES} bytes.`)
  return `${collection ?? ''}/${key}`
}

/** @throws ValidationError for a name that is no sidecar */
export function checkSidecar(name: string): void {
  checkSidecarName(name)
  if (OWN_FORMS.has(name)) throw new ValidationError(`"${name}" is kept by the hub itself and is no sidecar.`)
}

export class Sidecar<T> implements SidecarApi<T> {
  readonly name: string
  readonly #core: VaultCore

  constructor(core: VaultCore, name: string) {
    checkSidecar(name)
    this.name = name
    this.#core = core
  }

  async get(key: SidecarKey): Promise<SidecarRow<T> | null> {
    const id = sidecarId(key)
    return withCurrentKeys(this.#core.keys, async () => {
      const envelope = await this.#core.store.get(this.#core.name, this.name, id)
      return envelope === null ? null : this.#open(id, envelope)
    })
  }

  getMany(keys: readonly SidecarKey[]): Promise<Array<SidecarRow<T> | null>> {
    return withCurrentKeys(this.#core.keys, () => this.#getMany(keys))
  }

  async #getMany(keys: readonly SidecarKey[]): Promise<Array<SidecarRow<T> | null>> {
    const ids = keys.map(sidecarId)
    const rows: Array<SidecarRow<T> | null> = []
    const slices = new Slices()
    for await (const chunk of readChunks(this.#core.store, this.#core.name, this.name, ids)) {
      for (const envelope of chunk) {
        rows.push(envelope === null ? null : await this.#open(ids[rows.length] ?? '', envelope))
        if (slices.due()) await slices.pause()
      }
    }
    return rows
  }

  async keys(filter: { collection?: string } = {}): Promise<SidecarKey[]> {
    const keys = (await this.#core.store.list(this.#core.name, this.name)).map(parseSidecarId)
    return filter.collection === undefined
      ? keys
      : keys.filter(({ collection }) => collection === filter.collection)
  }

  /** Leaves out rows about collections this user may not read, unless one is asked for by name. */
  list(filter: { collection?: string } = {}): Promise<SidecarRow<T>[]> {
    return withCurrentKeys(this.#core.keys, () => this.#list(filter))
  }

  async #list(filter: { collection?: string }): Promise<SidecarRow<T>[]> {
    const { store, name } = this.#core
    const rows: SidecarRow<T>[] = []
    const slices = new Slices()
    for await (const page of readPages(store, name, this.name)) {
      for (const { id, envelope } of page) {
        if (this.#isWanted(parseSidecarId(id), filter.collection)) rows.push(await this.#open(id, envelope))
        if (slices.due()) await slices.pause()
      }
    }
    return rows
  }

  #isWanted({ collection }: SidecarKey, wanted: string | undefined): boolean {
    if (wanted !== undefined) return collection === wanted
    return collection === undefined || mayRead(this.#core.keys, collection)
  }

  /** Without a promise where the key is at hand, as it is for all rows but the first. */
  #open(id: string, envelope: EncryptedEnvelope): SidecarRow<T> | Promise<SidecarRow<T>> {
    const { keys } = this.#core
    const key = parseSidecarId(id)
    const keyCollection = key.collection ?? this.name
    const held = mayRead(keys, keyCollection) ? keys.held(keyCollection) : undefined
    if (held !== undefined) return this.#decode(held, key, id, envelope)
    return readingKey(keys, keyCollection).then((found) => this.#decode(found, key, id, envelope))
  }

  #decode(rowKey: RowKey, key: SidecarKey, id: string, envelope: EncryptedEnvelope): SidecarRow<T> {
    const text = this.#core.keys.codec.open(rowKey, { collection: this.name, id }, envelope)
    const row: unknown = JSON.parse(text)
    // The type of a sidecar's rows is the caller's claim, as with a collection.
    return { key, row: row as T, version: envelope._v, timestamp: envelope._ts }
  }
}

function parseSidecarId(id: string): SidecarKey {
  const slash = id.indexOf('/')
  const key = id.slice(slash + 1)
  return slash <= 0 ? { key } : { collection: id.slice(0, slash), key }
}
