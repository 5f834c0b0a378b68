/** The object a transaction's work is given: it stages, and reads what it staged. */
import { checkCollectionName } from '../collection/check-name.ts'
import { cloneJson, toJsonValue } from '../collection/json-value.ts'
import { ValidationError } from '../errors.ts'
import { checkSidecar, sidecarId } from '../sidecar/sidecar.ts'
import type { DeleteOptions, PutOptions } from '../types/collection.ts'
import type { SidecarKey, Transaction } from '../types/transaction.ts'
import type { VaultApi } from '../types/vault.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import type { Staging } from './staging.ts'

/** @throws ValidationError for a vault that this instance did not open */
export type FindCore = (vault: VaultApi) => VaultCore

export class StagedTransaction implements Transaction {
  readonly id: string
  readonly #staging: Staging
  readonly #coreOf: FindCore
  #ended = false

  constructor(staging: Staging, coreOf: FindCore) {
    this.id = staging.id
    this.#staging = staging
    this.#coreOf = coreOf
  }

  async get<T>(vault: VaultApi, collection: string, id: string): Promise<T | null> {
    checkCollectionName(collection)
    const batch = this.#batch(vault)
    const staged = batch.staged(collection, id)
    if (staged?.op === 'delete') return null
    const found = staged ?? (await batch.core.stateOf(collection).rows.read(id))
    return found === undefined ? null : (cloneJson(found.record) as T) // the caller's claim, as with a collection
  }

  put<T>(vault: VaultApi, collection: string, id: string, record: T, options: PutOptions = {}): void {
    checkCollectionName(collection)
    this.#batch(vault).put(collection, id, record, options)
  }

  delete(vault: VaultApi, collection: string, id: string, options: DeleteOptions = {}): void {
    checkCollectionName(collection)
    this.#batch(vault).delete(collection, id, options)
  }

  putSidecar<T>(
    vault: VaultApi,
    name: string,
    key: SidecarKey,
    row: T,
    options: { expectedVersion?: number } = {},
  ): void {
    this.#sidecar(vault, name, key, { row: toJsonValue(row), ...options })
  }

  deleteSidecar(vault: VaultApi, name: string, key: SidecarKey): void {
    this.#sidecar(vault, name, key, {})
  }

  /** Whatever is called later has no effect on the store, so it is refused. */
  end(): void {
    this.#ended = true
  }

  #sidecar(
    vault: VaultApi,
    name: string,
    key: SidecarKey,
    what: { row?: unknown; expectedVersion?: number },
  ): void {
    checkSidecar(name)
    const id = sidecarId(key)
    this.#batch(vault).putSidecar({ sidecar: name, id, keyCollection: key.collection ?? name, ...what })
  }

  #batch(vault: VaultApi) {
    if (this.#ended) throw new ValidationError('This transaction has ended.')
    return this.#staging.batch(this.#coreOf(vault))
  }
}
