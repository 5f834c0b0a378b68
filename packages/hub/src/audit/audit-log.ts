/** The audit chain of one vault: writing entries inside transactions, listing them, checking them. */
import { readingKey } from '../collection/read-key.ts'
import type { RowKey } from '../crypto/row-codec.ts'
import { withCurrentKeys } from '../keyring/current-keys.ts'
import { eachInSlices, Slices } from '../transaction/slices.ts'
import { readRows } from '../transaction/store-write.ts'
import type { AuditApi, AuditChange, AuditEntry, AuditReport } from '../types/audit.ts'
import type { LongWork } from '../types/collection.ts'
import type { EncryptedEnvelope, TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import {
  AUDIT,
  changeLines,
  digestChanges,
  entryId,
  FIRST_PREVIOUS,
  HEAD,
  hashEntry,
  parseEntry,
  storedText,
} from './entry.ts'
import { verifyAudit } from './verify.ts'

export interface AuditHead {
  readonly seq: number
  readonly hash: string
  /** Version of the head row; 0 = not written yet. */
  readonly version: number
}

export interface AuditDetails {
  readonly id: string
  readonly actor: string
  readonly command: string
  readonly reason?: string
  readonly time: string
}

/** A row an entry is about: what was stored before, and what is now. */
export interface AuditedRow {
  readonly row: { readonly collection: string; readonly id: string; readonly current: number }
  readonly envelope: EncryptedEnvelope | null
}

/** A reserved row; the entry counts them by name. */
interface SidecarChange {
  readonly row: { readonly collection: string }
}

const DEFAULT_LIMIT = 100

export class AuditLog implements AuditApi {
  readonly #core: VaultCore
  #head: AuditHead | null = null
  #pending: AuditHead | null = null

  constructor(core: VaultCore) {
    this.#core = core
  }

  /** Reads what `entryOps` builds on. Without `tx` nothing compares the head when it is written, so it is read each time. */
  async lookAtHead(): Promise<void> {
    if (this.#core.store.tx === undefined) this.#head = null
    this.#head ??= await this.readHead()
  }

  /** After `lookAtHead`. The entry and the moved head; the head's compare-and-set is what keeps the chain single. */
  async entryOps(
    details: AuditDetails,
    writes: readonly AuditedRow[],
    sidecars: readonly SidecarChange[],
  ): Promise<TxOp[]> {
    return this.entryOpsAfter(this.#head ?? (await this.readHead()), details, writes, sidecars)
  }

  /** The same after an entry that is not the last one in the store, but will be. */
  async entryOpsAfter(
    head: AuditHead,
    details: AuditDetails,
    writes: readonly AuditedRow[],
    sidecars: readonly SidecarChange[],
  ): Promise<TxOp[]> {
    const { store, name: vault, session } = this.#core
    const { changes, envelopes } = await auditedChanges(writes)
    const lines = await changeLines(changes)
    const body = {
      seq: head.seq + 1,
      ...details,
      changes,
      sidecars: countBySidecar(sidecars),
      ...(session.history && { history: true }),
      digest: await digestChanges(lines, envelopes),
      previous: head.hash,
    }
    const entry: AuditEntry = { ...body, hash: hashEntry(body, lines) }
    this.#pending = { seq: entry.seq, hash: entry.hash, version: head.version + 1 }
    const expectAbsent = store.tx === undefined ? {} : { expectedVersion: 0 }
    return [
      {
        ...(await this.#putOp(entryId(entry.seq), 1, details.time, await storedText(entry, lines))),
        ...expectAbsent,
      },
      {
        ...(await this.#putOp(HEAD, this.#pending.version, details.time, headText(entry))),
        vault,
        expectedVersion: head.version,
      },
    ]
  }

  /** The transaction with the last `entryOps` is in the store. */
  entryWritten(): void {
    if (this.#pending !== null) this.#head = this.#pending
    this.#pending = null
  }

  forgetHead(): void {
    this.#head = null
    this.#pending = null
  }

  readHead(): Promise<AuditHead> {
    return withCurrentKeys(this.#core.keys, () => this.#readHead())
  }

  async #readHead(): Promise<AuditHead> {
    const { store, name, keys } = this.#core
    const envelope = await store.get(name, AUDIT, HEAD)
    if (envelope === null) return { seq: 0, hash: FIRST_PREVIOUS, version: 0 }
    return this.openHead(await readingKey(keys, AUDIT), envelope)
  }

  openHead(key: RowKey, envelope: EncryptedEnvelope): AuditHead {
    const text = this.#core.keys.codec.open(key, { collection: AUDIT, id: HEAD }, envelope)
    const { seq, hash } = JSON.parse(text) as { seq: number; hash: string } // sealed by us
    return { seq, hash, version: envelope._v }
  }

  async list(options: { limit?: number; before?: number } = {}): Promise<AuditEntry[]> {
    const last = Math.min((await this.readHead()).seq, (options.before ?? Infinity) - 1)
    const first = Math.max(1, last - (options.limit ?? DEFAULT_LIMIT) + 1)
    const seqs = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => last - at)
    return (await this.readEntries(seqs)).filter((entry) => entry !== null)
  }

  verify(options: LongWork = {}): Promise<AuditReport> {
    return verifyAudit(this.#core, this, options)
  }

  /** In the order asked for, null where the row is missing. @throws TamperedError for a row that does not open */
  readEntries(seqs: readonly number[]): Promise<Array<AuditEntry | null>> {
    return withCurrentKeys(this.#core.keys, () => this.#readEntries(seqs))
  }

  async #readEntries(seqs: readonly number[]): Promise<Array<AuditEntry | null>> {
    const { store, name, keys } = this.#core
    const rows = await readRows(store, name, AUDIT, seqs.map(entryId))
    const entries: Array<AuditEntry | null> = []
    for (const [at, seq] of seqs.entries()) {
      const envelope = rows[at] ?? null
      if (envelope === null) entries.push(null)
      else {
        const key = await readingKey(keys, AUDIT)
        entries.push(
          await parseEntry(keys.codec.open(key, { collection: AUDIT, id: entryId(seq) }, envelope)),
        )
      }
    }
    return entries
  }

  async #putOp(id: string, version: number, ts: string, text: string): Promise<TxOp & { op: 'put' }> {
    const { name: vault, keys } = this.#core
    const key = await readingKey(keys, AUDIT)
    const envelope = keys.codec.seal(key, { collection: AUDIT, id }, { version, ts, by: keys.userId }, text)
    return { vault, collection: AUDIT, id, op: 'put', envelope }
  }
}

/** What changed, and the ciphertext each change left; null after a delete. Parallel. */
interface AuditedChanges {
  readonly changes: AuditChange[]
  readonly envelopes: Array<EncryptedEnvelope | null>
}

async function auditedChanges(writes: readonly AuditedRow[]): Promise<AuditedChanges> {
  const audited: AuditedChanges = { changes: [], envelopes: [] }
  await eachInSlices(writes, new Slices(), ({ row, envelope }) => {
    if (envelope === null && row.current === 0) return // a delete of nothing
    const { collection, id, current: before } = row
    audited.changes.push({ collection, id, before, after: envelope?._v ?? 0 })
    audited.envelopes.push(envelope)
  })
  return audited
}

function headText({ seq, hash }: AuditEntry): string {
  return JSON.stringify({ seq, hash })
}

function countBySidecar(sidecars: readonly SidecarChange[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { row } of sidecars) counts[row.collection] = (counts[row.collection] ?? 0) + 1
  return counts
}
