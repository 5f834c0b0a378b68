/**
 * Checks the audit chain against itself and against the stored rows. From the newest entry to the oldest,
 * so that at each version it is known what came after it: the newest one must be the current row; one that
 * was replaced must lie in `_history` when the replacing transaction kept it, and cannot be checked otherwise.
 */
import { HISTORY, historyId } from '../history/history-id.ts'
import { Slices } from '../transaction/slices.ts'
import { readRows } from '../transaction/store-write.ts'
import { TamperedError } from '../errors.ts'
import type { AuditChange, AuditEntry, AuditProblem, AuditReport } from '../types/audit.ts'
import type { LongWork } from '../types/collection.ts'
import type { EncryptedEnvelope } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import type { AuditHead, AuditLog } from './audit-log.ts'
import { changeLines, digestChanges, entryId, FIRST_PREVIOUS, HEAD, AUDIT, hashEntry } from './entry.ts'

export async function verifyAudit(core: VaultCore, log: AuditLog, work: LongWork): Promise<AuditReport> {
  const check = new AuditCheck(core)
  const head = await readHeadOrNull(log, check)
  const last = await lastSeq(core, head)
  const slices = new Slices(work, last)
  let next: AuditEntry | null = null
  for (let seq = last; seq >= 1; seq -= 1) {
    const entry = await readEntryOrNull(log, check, seq)
    if (entry !== null) await check.entry(seq, entry, next, head)
    next = entry
    if (slices.due()) await slices.pause(last - seq + 1)
  }
  if (next !== null && next.previous !== FIRST_PREVIOUS)
    check.report(1, 'chain-broken', 'The first entry has a predecessor.')
  return { ...check.result(), head: head?.hash ?? FIRST_PREVIOUS }
}

async function readHeadOrNull(log: AuditLog, check: AuditCheck): Promise<AuditHead | null> {
  try {
    return await log.readHead()
  } catch (error) {
    if (!(error instanceof TamperedError)) throw error
    check.report(0, 'head-mismatch', 'The head of the chain was changed in the store.')
    return null
  }
}

/** Entries beyond the head count as well: the head may have been put back. */
async function lastSeq(core: VaultCore, head: AuditHead | null): Promise<number> {
  const ids = await core.store.list(core.name, AUDIT)
  return ids.reduce((last, id) => (id === HEAD ? last : Math.max(last, Number(id) || 0)), head?.seq ?? 0)
}

async function readEntryOrNull(log: AuditLog, check: AuditCheck, seq: number): Promise<AuditEntry | null> {
  try {
    const [entry] = await log.readEntries([seq])
    if (entry) return entry
    check.report(seq, 'missing-entry', `Entry ${seq} is not in the store.`)
  } catch (error) {
    if (!(error instanceof TamperedError)) throw error
    check.report(seq, 'entry-altered', `Entry ${seq} was changed in the store.`)
  }
  return null
}

/** What came after a version: the next one, and whether that transaction kept the version it replaced. */
interface Later {
  readonly kept: boolean
}

class AuditCheck {
  readonly #core: VaultCore
  readonly #later = new Map<string, Later>()
  /** Versions that a later entry says were sealed again under other keys: their first ciphertext is gone. */
  readonly #resealed = new Set<string>()
  readonly #problems: AuditProblem[] = []
  #entries = 0
  #versions = 0

  constructor(core: VaultCore) {
    this.#core = core
  }

  report(seq: number, kind: AuditProblem['kind'], message: string): void {
    this.#problems.push({ seq, kind, message })
  }

  result(): Omit<AuditReport, 'head'> {
    const { length } = this.#problems
    return {
      ok: length === 0,
      entries: this.#entries,
      versionsChecked: this.#versions,
      problems: this.#problems,
    }
  }

  async entry(
    seq: number,
    entry: AuditEntry,
    next: AuditEntry | null,
    head: AuditHead | null,
  ): Promise<void> {
    this.#entries += 1
    const { hash, ...body } = entry
    const lines = await changeLines(entry.changes)
    if (entry.seq !== seq || hashEntry(body, lines) !== hash)
      this.report(seq, 'entry-altered', `Entry ${seq} (${entryId(seq)}) does not have the hash it states.`)
    if (next !== null && next.previous !== hash)
      this.report(next.seq, 'chain-broken', `Entry ${next.seq} does not follow entry ${seq}.`)
    if (next === null && head !== null && (head.seq < seq || (head.seq === seq && head.hash !== hash)))
      this.report(seq, 'head-mismatch', `The head of the chain is not entry ${seq}.`)
    await this.#rows(entry, lines)
  }

  /** The digest covers all rows of an entry, so it is compared where every one of them was found. */
  async #rows(entry: AuditEntry, lines: readonly string[]): Promise<void> {
    const found: Array<EncryptedEnvelope | null> = []
    let complete = true
    const envelopes = await this.#envelopes(entry.changes)
    for (const [at, change] of entry.changes.entries()) {
      const later = this.#later.get(keyOf(change))
      if (!isResealing(change)) this.#later.set(keyOf(change), { kept: entry.history === true })
      const envelope = envelopes[at]?.stored ?? null
      if (this.#isResealed(change)) complete = false
      if (change.after === 0) {
        if (later === undefined && (envelopes[at]?.current ?? 0) > 0)
          this.report(entry.seq, 'row-altered', `${keyOf(change)} was deleted and is there again.`)
      } else if (envelope === null) {
        complete = false
        if (later === undefined ? (envelopes[at]?.current ?? 0) < change.after : later.kept)
          this.report(
            entry.seq,
            'row-missing',
            `Version ${change.after} of ${keyOf(change)} is not in the store.`,
          )
      } else this.#versions += 1
      found.push(change.after === 0 ? null : envelope)
    }
    if (complete && (await digestChanges(lines, found)) !== entry.digest)
      this.report(entry.seq, 'row-altered', `A row written by entry ${entry.seq} was changed in the store.`)
  }

  /** Asked from the newest entry to the oldest, so what resealed a version is seen before what wrote it. */
  #isResealed(change: AuditChange): boolean {
    const version = `${keyOf(change)}@${change.after}`
    const before = this.#resealed.has(version)
    if (isResealing(change)) this.#resealed.add(version)
    return before
  }

  /** For each change the envelope of the version it left, and the version stored now. */
  async #envelopes(
    changes: readonly AuditChange[],
  ): Promise<Array<{ stored: EncryptedEnvelope | null; current: number }>> {
    const { store, name } = this.#core
    const kept = await readRows(
      store,
      name,
      HISTORY,
      changes.map((change) => historyId(change.collection, change.id, change.after)),
    )
    const current = await this.#current(changes)
    return changes.map((change, at) => {
      const row = current.get(keyOf(change)) ?? null
      const old = kept[at] ?? null
      return {
        stored: row?._v === change.after ? row : old?._v === change.after ? old : null,
        current: row?._v ?? 0,
      }
    })
  }

  async #current(changes: readonly AuditChange[]): Promise<Map<string, EncryptedEnvelope | null>> {
    const { store, name } = this.#core
    const current = new Map<string, EncryptedEnvelope | null>()
    for (const collection of new Set(changes.map((change) => change.collection))) {
      const own = changes.filter((change) => change.collection === collection)
      const rows = await readRows(
        store,
        name,
        collection,
        own.map(({ id }) => id),
      )
      for (const [at, change] of own.entries()) current.set(keyOf(change), rows[at] ?? null)
    }
    return current
  }
}

/** A rotation of keys leaves the version as it is, which no write does. */
function isResealing({ before, after }: AuditChange): boolean {
  return before === after && after > 0
}

function keyOf({ collection, id }: AuditChange): string {
  return `${collection}/${id}`
}
