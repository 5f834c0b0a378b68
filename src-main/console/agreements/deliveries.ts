/** Deliveries under an agreement: made with their keys in a file of their own, taken through a plan, and receipted. */
import {
  applySurface,
  decodeDelivery,
  exportSurface,
  ImportRefusedRowsError,
  type MergeReport,
  readKeys,
  readNoydbBundleManifest,
  type RecordRef,
  surfaceReceipt,
} from '@klum-db/lobby'
import type { DeliveryCounts, RefusedRecord } from '../../../src-shared/ipc/agreement-views.ts'
import type { AppContract, OutputOf } from '../../../src-shared/ipc/contract.ts'
import type { CallContext, HandlerInput } from '../../../src-shared/ipc/define.ts'
import type { KeyChoice } from '../../../src-shared/ipc/exports.ts'
import type { FileRef } from '../../../src-shared/ipc/common.ts'
import { suggestKey } from '../../../src-shared/model/client-key.ts'
import { keyWriterFor } from '../exports/export-keys.ts'
import type { FilesService } from '../files.ts'
import { currentTitle, recordTitles } from '../records.ts'
import { offerFile } from './acts.ts'
import { counterpartOf, type Desk, vaultOf } from './desk.ts'

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

/** Everything but the writing. Records this office cannot take are named, and counted as left out. */
export async function planApply(
  desk: Desk,
  files: FilesService,
  request: ArrivedRequest,
): Promise<OutputOf<'agreements.planApply'>> {
  const delivery = await arrived(desk, files, request)
  try {
    const report = await apply(desk, delivery, { dryRun: true })
    return { id: delivery.id, counts: countsOf(report), refused: [] }
  } catch (error) {
    if (!(error instanceof ImportRefusedRowsError)) throw error
    const report = await apply(desk, delivery, { dryRun: true, exclude: error.rows })
    return { id: delivery.id, counts: countsOf(report), refused: await refusedRows(desk, error) }
  }
}

async function refusedRows({ open }: Desk, { rows }: ImportRefusedRowsError): Promise<RefusedRecord[]> {
  const titles = recordTitles(open)
  const found: RefusedRecord[] = []
  for (const row of rows) {
    const { collection, id, fault } = row
    found.push({ collection, id, title: await currentTitle(open, titles, row), message: fault.message })
  }
  return found
}

export async function applyDelivery(
  desk: Desk,
  files: FilesService,
  { exclude, ...request }: HandlerInput<AppContract['agreements.apply']>,
): Promise<OutputOf<'agreements.apply'>> {
  const delivery = await arrived(desk, files, request)
  const report = await apply(desk, delivery, { exclude })
  const { id } = delivery
  return {
    id,
    importId: report.importId ?? '',
    counts: countsOf(report),
    receipt: await offerReceipt(desk, files, id, false),
  }
}

async function apply(
  desk: Desk,
  { id, bytes, transferKey }: Arrived,
  options: { readonly dryRun?: boolean; readonly exclude?: readonly RecordRef[] },
): Promise<MergeReport> {
  const vault = await vaultOf(desk, id)
  return applySurface(vault, await desk.surfaces.get(id), bytes, transferKey, { ...desk.gate, ...options })
}

function countsOf({ summary }: MergeReport): DeliveryCounts {
  const { inserted, updated, skipped, queued } = summary
  return { inserted, updated, unchanged: skipped, queued }
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
