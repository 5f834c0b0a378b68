/**
 * Makes a signed container for one party out of several vaults, and remembers what was sent: the bodies as bases of the
 * next merge with that party, and the number of the message. Both are written in one transaction, after packing.
 */
import { generateULID } from '@noy-db/hub/kernel'
import { limits, type BundleBodyFormat, type LongWork, type NoydbApi, type VaultApi } from '@noy-db/hub'
import { encodeMultiBundle } from '../bundle/container.ts'
import type { MultiBundleManifest } from '../bundle/types.ts'
import { BundleInvalidError } from '../errors.ts'
import { loadIdentity } from '../identity/own-identity.ts'
import { signManifest } from '../identity/sender-block.ts'
import type { StoredIdentity, StoredRecipient } from '../identity/stored.ts'
import { onlySignal, pace } from '../pace.ts'
import { openState, type State } from '../state.ts'
import { packVault, type ExportVault, type PackedVault } from './pack-vault.ts'
import { receivedFrom, sentAfter, type ReceivedFrom, type TookOf } from './answers.ts'
import { recipientOf } from './recipient.ts'
import { BASES } from './bases.ts'
import { collectNotes, type NotesRequest } from './collect-notes.ts'
import { sealNotes } from './compartment-notes.ts'
import { sentBases, type NotedVault, type SentBase } from './sent-bases.ts'

export interface ExportBundleOptions {
  /** Who receives it: names the bases and the sequence. */
  readonly party: string
  readonly vaults: readonly ExportVault[]
  /** Exchange this one replies to; default: the last one taken from that party. */
  readonly answers?: string
  /** Default: 2 for a party that is known to read it, else 1, which every reader of the format knows. */
  readonly bodyFormat?: BundleBodyFormat
  /** Tell which records were deleted that were exchanged with that party; default: nothing is said of them. */
  readonly tombstones?: boolean
}

export interface ExportedBundle {
  readonly container: Uint8Array
  /** Transfer keys by compartment handle. */
  readonly keys: Record<string, Uint8Array>
  /** Vault names by compartment handle, as disclosed. */
  readonly names: Record<string, string>
  readonly exchangeId: string
  readonly sequence: number
  readonly counts: { readonly records: number; readonly compartments: number }
  readonly bodyFormat: BundleBodyFormat
}

interface Outgoing {
  readonly exchangeId: string
  readonly createdAt: string
  readonly rowId: string
  readonly lastVersion: number
  readonly last: StoredRecipient | null
}

export async function exportBundle(
  db: NoydbApi,
  options: ExportBundleOptions,
  work?: LongWork,
): Promise<ExportedBundle> {
  if (options.vaults.length === 0) throw new BundleInvalidError('A bundle needs at least one vault.')
  const state = await openState(db)
  const identity = await loadIdentity(state)
  const outgoing = await nextExchange(state, options.party)
  const received = await receivedFrom(state, options.party)
  const bodyFormat = options.bodyFormat ?? (await bodyFormatFor(state, options.party))
  const { exchangeId, createdAt: exportedAt } = outgoing
  const packed: NotedVault[] = []
  const bytes = limits.manifestBytes / 2 / options.vaults.length
  for (const input of options.vaults) {
    const { party, tombstones = false } = options
    const one = await packVault(db, input, { exchangeId, exportedAt, bodyFormat }, work)
    packed.push(await withNotes(state, one, { party, input, received, tombstones, bytes }, work))
  }
  const answers = options.answers ?? received.last
  const manifest = signExport(packed, outgoing, identity, {
    answers,
    taken: takenWith(received, options.answers),
  })
  const inner = packed.map(({ bytes }) => bytes)
  const container = encodeMultiBundle(manifest, inner)
  await rememberSent(db, state, { party: options.party, outgoing, packed, tookOf: received.tookOf }, work)
  return {
    container,
    keys: Object.fromEntries(packed.map(({ entry, transferKey }) => [entry.handle, transferKey])),
    names: Object.fromEntries(packed.map(({ entry, vault }) => [entry.handle, entry.name ?? vault.name])),
    exchangeId,
    sequence: sequenceAfter(outgoing),
    counts: countPacked(packed),
    bodyFormat,
  }
}

async function bodyFormatFor(state: State, party: string): Promise<BundleBodyFormat> {
  const recipient = await recipientOf(state, party)
  return recipient?.bodyFormats?.includes(2) === true ? 2 : 1
}

/** A caller that says what it answers has taken it, by whatever way. */
function takenWith({ taken }: ReceivedFrom, answers: string | undefined): readonly string[] | undefined {
  return answers === undefined ? taken : [...new Set([...(taken ?? []), answers])]
}

async function withNotes(
  state: State,
  packed: PackedVault,
  request: NotesRequest,
  work?: LongWork,
): Promise<NotedVault> {
  const notes = await collectNotes(state, packed, request, pace(onlySignal(work)))
  const sealed = sealNotes(notes, packed.transferKey, packed.entry)
  return { ...packed, notes, entry: { ...packed.entry, ...(sealed !== undefined && { notes: sealed }) } }
}

async function nextExchange(state: State, party: string): Promise<Outgoing> {
  const rowId = recipientRowId(state.vault.userId, party)
  const entry = await state.recipients.entry(rowId)
  return {
    exchangeId: generateULID(),
    createdAt: new Date().toISOString(),
    rowId,
    lastVersion: entry?.metadata.version ?? 0,
    last: entry?.record ?? null,
  }
}

/** Numbers run per own user: each signs with a key of their own, and is a sender of their own to the receiver. */
function recipientRowId(userId: string, party: string): string {
  return JSON.stringify([userId, party])
}

function sequenceAfter({ last }: Outgoing): number {
  return (last?.lastSequence ?? 0) + 1
}

function countPacked(packed: readonly PackedVault[]): { records: number; compartments: number } {
  return { records: packed.reduce((sum, { records }) => sum + records, 0), compartments: packed.length }
}

function signExport(
  packed: readonly PackedVault[],
  outgoing: Outgoing,
  identity: StoredIdentity,
  { answers, taken }: { readonly answers: string | undefined; readonly taken: readonly string[] | undefined },
): MultiBundleManifest {
  const compartments = packed.map(({ entry }) => entry)
  const sender = {
    exchangeId: outgoing.exchangeId,
    sequence: sequenceAfter(outgoing),
    previous: outgoing.last?.lastExchangeId ?? null,
    ...(answers !== undefined && { answers }),
    ...(taken !== undefined && { taken }),
    counts: countPacked(packed),
    createdAt: outgoing.createdAt,
  }
  const manifest = { multiFormatVersion: 1 as const, handle: generateULID(), compartments }
  return signManifest(
    manifest,
    sender,
    packed.map(({ bytes }) => bytes),
    identity,
  )
}

interface Sent {
  readonly party: string
  readonly outgoing: Outgoing
  readonly packed: readonly NotedVault[]
  readonly tookOf: TookOf
}

async function rememberSent(db: NoydbApi, state: State, sent: Sent, work?: LongWork): Promise<void> {
  const { party, outgoing, packed, tookOf } = sent
  const rows: Array<{ vault: VaultApi; base: SentBase }> = []
  for (const one of packed) {
    const exchange = { party, exchangeId: outgoing.exchangeId, at: outgoing.createdAt, tookOf }
    for (const base of await sentBases(one, exchange, work)) rows.push({ vault: one.vault, base })
  }
  const recipient: StoredRecipient = {
    party,
    lastSequence: sequenceAfter(outgoing),
    lastExchangeId: outgoing.exchangeId,
    lastSentAt: outgoing.createdAt,
    exchanges: sentAfter(outgoing.last, outgoing.exchangeId),
  }
  const slices = pace(onlySignal(work))
  await db.transaction(
    async (tx) => {
      for (const { vault, base } of rows) {
        await slices.step()
        tx.putSidecar(vault, BASES, base.key, base.row)
      }
      tx.put(state.vault, state.recipients.name, outgoing.rowId, recipient, {
        expectedVersion: outgoing.lastVersion,
      })
    },
    { ...work, command: 'bundles.export', reason: `export to ${party}` },
  )
}
