/** Deliveries under an agreement: made with their keys in a file of their own, taken through a plan, and receipted. */
import {
  applySurface,
  type ApplySurfaceOptions,
  decodeDelivery,
  exportSurface,
  ImportRefusedRowsError,
  isOpen,
  type MergeReport,
  readKeys,
  readNoydbBundleManifest,
  type RowRef,
  surfaceReceipt,
} from '@klum-db/lobby'
import type { BrokenRecord, DeliveryCounts, RefusedRecord } from '../../../src-shared/ipc/agreement-views.ts'
import type { AppContract, OutputOf } from '../../../src-shared/ipc/contract.ts'
import type { CallContext, HandlerInput } from '../../../src-shared/ipc/define.ts'
import type { KeyChoice } from '../../../src-shared/ipc/exports.ts'
import type { FileRef } from '../../../src-shared/ipc/common.ts'
import { suggestKey } from '../../../src-shared/model/client-key.ts'
import { keyWriterFor } from '../exports/export-keys.ts'
import { clientNames } from '../clients/names.ts'
import type { FilesService } from '../files.ts'
import { currentTitle, recordTitles } from '../records.ts'
import { offerFile } from './acts.ts'
import { counterpartOf, type Desk, type JudgingDesk, vaultOf } from './desk.ts'

export interface MadeDelivery {
  readonly container: Uint8Array
  readonly keyFile: string
  readonly keyEnding: string
  /** Without its ending. */
  readonly name: string
  readonly records: number
  readonly gone: number
  readonly sequence: number
}

export interface DeliveryRequest {
  readonly id: string
  readonly key: KeyChoice
  readonly full: boolean
}

type Work = Pick<CallContext, 'signal' | 'progress'>

export async function makeDelivery(
  desk: Desk,
  { id, key, full }: DeliveryRequest,
  { signal, progress }: Work,
): Promise<MadeDelivery> {
  const vault = await vaultOf(desk, id)
  const row = await desk.surfaces.get(id)
  const { party } = counterpartOf(desk, row)
  // Before the delivery: one whose key could not be given to anybody would use up its number.
  const writer = await keyWriterFor(desk.open, { party, vaults: [vault.name], key })
  const options = { ...desk.gate, full, signal, onProgress: progress }
  const { bundleBytes: container, transferKey, exchange } = await exportSurface(vault, row, options)
  const [entry] = await readNoydbBundleManifest(container)
  const { exchangeId = '', sequence, records = 0, gone = 0 } = exchange ?? {}
  const keys = { [entry?.handle ?? '']: transferKey }
  return {
    container,
    keyFile: await writer.write({ exchangeId, container, keys, names: {} }),
    keyEnding: writer.ending,
    name: fileName(desk, party, sequence ?? 0),
    records,
    gone,
    sequence: sequence ?? 0,
  }
}

/** "alder-co-to-harbour-bookkeeping-agreement-003": another sequence than that of bundles. */
function fileName({ open }: Desk, party: string, sequence: number): string {
  const parties = `${suggestKey(open.profile.firmName)}-to-${suggestKey(party)}`
  return `${parties}-agreement-${String(sequence).padStart(3, '0')}`
}

export async function offerDelivery(
  desk: Desk,
  files: FilesService,
  request: DeliveryRequest,
  work: Work,
): Promise<OutputOf<'agreements.export'>> {
  const { container, keyFile, keyEnding, name, ...counts } = await makeDelivery(desk, request, work)
  const { form } = request.key
  return {
    bundle: files.offer(`${name}.noydb`, container),
    keys: files.offer(`${name}${keyEnding}`, Buffer.from(keyFile, 'utf8')),
    keyForm: form,
    keyText: form === 'text' ? keyFile : null,
    ...counts,
  }
}

export type ArrivedRequest = HandlerInput<AppContract['agreements.planApply']>

interface Arrived {
  readonly id: string
  readonly bytes: Uint8Array
  readonly transferKey: Uint8Array
}

async function arrived(desk: Desk, files: FilesService, { handle, keys }: ArrivedRequest): Promise<Arrived> {
  const { bytes } = await files.read(handle)
  const { id } = decodeDelivery('This file', bytes).note
  const given = 'text' in keys ? keys.text : (await files.read(keys.handle)).bytes
  const { passphrase } = keys
  const options = { container: bytes, db: desk.open.db, ...(passphrase !== undefined && { passphrase }) }
  const [transferKey = new Uint8Array()] = Object.values(await readKeys(given, options))
  return { id, bytes, transferKey }
}

/** Everything but the writing. Records this office cannot take are named and counted as left out; those against a rule are counted. */
export async function planApply(
  desk: JudgingDesk,
  files: FilesService,
  request: ArrivedRequest,
): Promise<OutputOf<'agreements.planApply'>> {
  const delivery = await arrived(desk, files, request)
  const { misfits, report } = await withoutMisfits(desk, delivery)
  return {
    id: delivery.id,
    counts: countsOf(report),
    refused: await titled(desk, misfits),
    broken: await againstRules(desk, report),
  }
}

type LeftOut = RowRef & { readonly message: string }

/** A second look only where records do not fit the template here. */
async function withoutMisfits(
  desk: JudgingDesk,
  delivery: Arrived,
): Promise<{ readonly misfits: readonly LeftOut[]; readonly report: MergeReport }> {
  try {
    return { misfits: [], report: await apply(desk, delivery, { dryRun: true }) }
  } catch (error) {
    if (!(error instanceof ImportRefusedRowsError)) throw error
    const misfits = error.rows.map(({ fault, ...ref }) => ({ ...ref, message: fault.message }))
    return { misfits, report: await apply(desk, delivery, { dryRun: true, exclude: misfits }) }
  }
}

async function againstRules(desk: JudgingDesk, { broken = [] }: MergeReport): Promise<BrokenRecord[]> {
  const { open, rules } = desk
  const names = await clientNames(open.state)
  const found: (LeftOut & Pick<BrokenRecord, 'outcome'>)[] = []
  for (const { broken: ones, outcome, ...ref } of broken.filter((row) => isOpen(row.broken))) {
    const words = await rules.view(open, { vault: ref.vault, client: names(ref.vault) }, ones)
    const message = words.map((one) => one.message).join(' ')
    found.push({ ...ref, message, outcome: outcome === 'insert' ? 'inserted' : 'updated' })
  }
  return titled(desk, found)
}

async function titled<Row extends LeftOut>(
  { open }: Desk,
  left: readonly Row[],
): Promise<(Omit<Row, 'vault'> & RefusedRecord)[]> {
  const titles = recordTitles(open)
  const found: (Omit<Row, 'vault'> & RefusedRecord)[] = []
  for (const row of left) {
    const { vault: _vault, ...rest } = row
    found.push({ ...rest, title: await currentTitle(open, titles, row) })
  }
  return found
}

export async function applyDelivery(
  desk: JudgingDesk,
  files: FilesService,
  { exclude, override, ...request }: HandlerInput<AppContract['agreements.apply']>,
): Promise<OutputOf<'agreements.apply'>> {
  const delivery = await arrived(desk, files, request)
  const report = await apply(desk, delivery, {
    exclude,
    ...(override !== undefined && { override: { reason: override } }),
  })
  const { id } = delivery
  return {
    id,
    importId: report.importId ?? '',
    counts: countsOf(report),
    receipt: await offerReceipt(desk, files, id, false),
  }
}

async function apply(
  desk: JudgingDesk,
  { id, bytes, transferKey }: Arrived,
  { exclude = [], ...how }: Pick<ApplySurfaceOptions, 'dryRun' | 'exclude' | 'override'>,
): Promise<MergeReport> {
  const vault = await vaultOf(desk, id)
  const left = exclude.map(({ collection, id: record }) => ({ collection, id: record }))
  const options = { ...desk.gate, ...how, exclude: left, rules: desk.rules.rulesOf(desk.open) }
  return applySurface(vault, await desk.surfaces.get(id), bytes, transferKey, options)
}

/** What is gone there is asked about here, like any other conflict. */
function countsOf({ summary, gone = 0 }: MergeReport): DeliveryCounts {
  const { inserted, updated, skipped, queued } = summary
  return { inserted, updated, unchanged: skipped, queued: queued + gone }
}

export async function offerReceipt(
  desk: Desk,
  files: FilesService,
  id: string,
  fullNeeded: boolean,
): Promise<FileRef> {
  const text = await surfaceReceipt(desk.state, id, { fullNeeded, clock: desk.clock })
  const { party } = counterpartOf(desk, await desk.surfaces.get(id))
  const { sequence } = JSON.parse(text) as { sequence: number } // made just now
  return offerFile(desk, files, party, `receipt-${sequence}`, text)
}
