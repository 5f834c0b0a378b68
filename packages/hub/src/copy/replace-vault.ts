/**
 * A copy put back: every row of a vault replaced in one transaction, together with whatever else belongs to it. Data
 * goes back, access does not: keyrings and keys stay as they are, or a copy would undo a revocation. The generation
 * of the schema fence goes up, so that sessions which know the vault as it was have to open it anew.
 */
import { AUDIT, FIRST_PREVIOUS, HEAD } from '../audit/entry.ts'
import type { AuditHead } from '../audit/audit-log.ts'
import {
  DecryptionError,
  KeysRenewedError,
  PermissionDeniedError,
  StoreCapabilityError,
  ValidationError,
} from '../errors.ts'
import { isAtLeast } from '../keyring/roles.ts'
import { fenceOp, readFenceRow, type FenceDocument, type FenceRow } from '../schema/fence.ts'
import type { Alongside } from '../transaction/alongside.ts'
import { commit } from '../transaction/commit.ts'
import { Staging } from '../transaction/staging.ts'
import { StagedTransaction } from '../transaction/transaction.ts'
import type { TxOp } from '../types/store.ts'
import type { Transaction } from '../types/transaction.ts'
import type { VaultApi } from '../types/vault.ts'
import { coreOf } from '../vault/core-of.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import { isAccessRow } from './access-rows.ts'
import { copiedCollections, rowsOf, type CopiedRow } from './copied-rows.ts'

export interface Replacement {
  /** Everything the vault shall hold; from the start at each call. What it throws leaves the vault as it is. It may not ask the vault's store. */
  rows(): AsyncIterable<readonly CopiedRow[]>
  /** Looks at what would be replaced, while nobody can write to it. What it throws leaves the vault as it is. */
  inspect?(stored: AsyncIterable<readonly CopiedRow[]>): Promise<void>
  /** Of the vault when it was copied; see `VaultIntrospectState`. */
  readonly keyGeneration: number
  readonly command: string
  /** For the audit entry that ends the restored trail; what was there before is added to it. */
  readonly reason: string
}

/** `work` stages what is written with it, in other vaults of the same store. */
export type WorkAlongside = (tx: Transaction) => Promise<void> | void

/** @throws PermissionDeniedError below admin, KeysRenewedError, StoreCapabilityError without `tx`, what `rows` throws */
export async function replaceVault(
  vault: VaultApi,
  replacement: Replacement,
  work: WorkAlongside = () => undefined,
): Promise<void> {
  const core = coreOf(vault)
  const { session, store, keys } = core
  session.assertOpen()
  if (store.tx === undefined) throw new StoreCapabilityError('tx', 'Restoring a vault', store.name)
  if (!isAtLeast(keys.role, 'admin'))
    throw new PermissionDeniedError(`The role ${keys.role} does not restore a vault.`)
  const staging = new Staging()
  const tx = new StagedTransaction(staging, (other) => {
    const found = coreOf(other)
    if (found.session === session && found !== core) return found
    throw new ValidationError(`${found.name} cannot be written to while ${core.name} is restored.`)
  })
  try {
    await work(tx)
  } finally {
    tx.end()
  }
  const { command, reason } = replacement
  await commit(session, staging, { command, reason }, new VaultReplacement(core, replacement))
}

class VaultReplacement implements Alongside {
  readonly core: VaultCore
  readonly #replacement: Replacement
  /** What is stored now and has not come with the copy. */
  readonly #left = new Map<string, Set<string>>()
  #fence: FenceRow = { document: { currentSchemaVersion: 0, fenceState: 'normal' }, envelope: null }
  #lost: AuditHead | null = null

  constructor(core: VaultCore, replacement: Replacement) {
    this.core = core
    this.#replacement = replacement
  }

  async prepare(): Promise<void> {
    const { store, name, keys, audit, session } = this.core
    await keys.renew()
    if (keys.generation !== this.#replacement.keyGeneration) throw new KeysRenewedError()
    await this.#replacement.inspect?.(rowsOf(store, name))
    this.#left.clear()
    for (const collection of [...(await copiedCollections(store, name)), '_indexes']) {
      if (!isAccessRow(collection)) this.#left.set(collection, new Set(await store.list(name, collection)))
    }
    this.#fence = await readFenceRow(store, name)
    if (session.audit) await keys.ensure([AUDIT])
    await keys.find(AUDIT)
    audit.forgetHead()
    this.#lost = this.#left.has(AUDIT) ? await audit.readHead() : null
  }

  async *operations(txId: string, ts: string): AsyncGenerator<readonly TxOp[]> {
    const { name: vault, keys } = this.core
    let head: AuditHead | null = null
    for await (const page of this.#replacement.rows()) {
      const ops: TxOp[] = []
      for (const row of page) {
        if (isAccessRow(row.collection)) continue
        if (row.collection === AUDIT && row.id === HEAD) head = this.#headOf(row)
        this.#left.get(row.collection)?.delete(row.id)
        ops.push({ vault, op: 'put', ...row })
      }
      yield ops
    }
    for (const [collection, ids] of this.#left)
      yield [...ids].map((id): TxOp => ({ vault, collection, id, op: 'delete' }))
    yield [...keys.fence, this.#fenceOp(ts)]
    yield await this.#auditOps(head, txId, ts)
  }

  async written(): Promise<void> {
    const { core } = this
    core.dropCaches()
    core.tombstones.forget()
    await core.schema.fence.open()
    await core.schema.compareAgain()
    for (const { rows } of core.collections.values()) rows.changed()
  }

  #fenceOp(ts: string): TxOp {
    const document: FenceDocument = {
      currentSchemaVersion: this.#fence.document.currentSchemaVersion + 1,
      fenceState: 'normal',
    }
    return fenceOp(this.core.name, document, this.#fence, ts)
  }

  /** The entry follows the restored trail, and says what it takes the place of. */
  async #auditOps(head: AuditHead | null, txId: string, time: string): Promise<readonly TxOp[]> {
    const { audit, session, keys } = this.core
    if (head === null && !session.audit) return []
    const { command, reason: given } = this.#replacement
    const lost =
      this.#lost === null ? '' : ` Before, the trail ended with entry ${this.#lost.seq}, ${this.#lost.hash}.`
    const details = { id: txId, actor: keys.userId, command, reason: `${given}${lost}`, time }
    return audit.entryOpsAfter(head ?? { seq: 0, hash: FIRST_PREVIOUS, version: 0 }, details, [], [])
  }

  #headOf({ envelope }: CopiedRow): AuditHead {
    const { keys, audit } = this.core
    const key = keys.held(AUDIT)
    if (key === undefined) throw new DecryptionError('The key of the audit trail is missing.')
    return audit.openHead(key, envelope)
  }
}
