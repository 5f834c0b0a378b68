/** What leaves the office: signed bundles with their keys in a file of their own, and tables of records in clear. */
import { generateULID } from '@noy-db/hub/kernel'
import { exportBundle, type ExportVault, knownRecipient } from '@klum-db/lobby'
import type { InputOf, OutputOf } from '../../../src-shared/ipc/contract.ts'
import type { CallContext } from '../../../src-shared/ipc/define.ts'
import type { KeyChoice } from '../../../src-shared/ipc/exports.ts'
import { suggestKey } from '../../../src-shared/model/client-key.ts'
import { clientNames, clientTemplate } from '../clients/names.ts'
import { keyWriterFor } from './export-keys.ts'
import { tableFacts, type TableChoice } from './table-choice.ts'
import { tableFile, type TableFileRequest } from './table-file.ts'
import type { FilesService } from '../files.ts'
import { type Open, type Session, userId } from '../session.ts'
import type { SettingsService } from '../settings.ts'

export interface ExportRequest {
  readonly party: string
  readonly vaults: readonly string[]
  /** Default: a plain key file. */
  readonly key?: KeyChoice | undefined
  /** Default: nothing is said of records that were deleted. */
  readonly deletions?: boolean | undefined
}

export interface ExportsService {
  recipient(party: string): Promise<OutputOf<'exports.recipient'>>
  create(request: InputOf<'exports.create'>, context: CallContext): Promise<OutputOf<'exports.create'>>
  tableFacts(choice: TableChoice): Promise<OutputOf<'exports.tableFacts'>>
  tables(request: TableFileRequest, context: CallContext): Promise<OutputOf<'exports.tables'>>
}

export interface ExportsParts {
  readonly files: FilesService
  readonly settings: Pick<SettingsService, 'known'>
  readonly workbookEntry?: string | undefined
}

export interface ExportedFiles {
  readonly container: Uint8Array
  /** The keys in the form that was asked for. */
  readonly keyFile: string
  readonly keyEnding: string
  readonly records: number
  readonly sequence: number
  /** Without its ending. */
  readonly name: string
}

export function createExports(session: Session, parts: ExportsParts): ExportsService {
  const { files } = parts
  return {
    recipient: (party) =>
      session.use(async ({ db }) => {
        const known = await knownRecipient(db, party)
        const fingerprint = known?.fingerprint ?? null
        return { fingerprint, takesSealedKeys: known?.encryptionKey !== undefined }
      }),
    create: (request, context) =>
      session.use(async (open) => {
        const { name, container, keyFile, keyEnding, records, sequence } = await exportTo(
          open,
          request,
          context,
        )
        const keyForm = request.key?.form ?? 'file'
        return {
          bundle: files.offer(`${name}.noydb`, container),
          keys: files.offer(`${name}${keyEnding}`, Buffer.from(keyFile, 'utf8')),
          keyForm,
          keyText: keyForm === 'text' ? keyFile : null,
          records,
          sequence,
        }
      }),
    tableFacts: (choice) => session.use((open) => tableFacts(open, choice)),
    tables: (request, context) => session.use((open) => exportTableFile(open, parts, request, context)),
  }
}

async function exportTableFile(
  open: Open,
  { files, settings, workbookEntry }: ExportsParts,
  request: TableFileRequest,
  { signal, progress }: CallContext,
): Promise<OutputOf<'exports.tables'>> {
  const { locale } = settings.known
  const inLocale = locale === '' ? request : { ...request, locale }
  const { name, bytes, records } = await tableFile(open, inLocale, { signal, progress, workbookEntry })
  const { format, vaults, collections, search } = request
  const row = { format, vaults, collections, search, records, at: open.now(), actor: userId }
  await open.state.tableExports.put(generateULID(), row, { expectedVersion: 0, reason: 'exports.tables' })
  return { file: files.offer(name, bytes), records }
}

/** Makes the bundle and notes it; names of the clients stand readable on its outside, their records do not. */
export async function exportTo(
  open: Open,
  { party, vaults, key = { form: 'file' }, deletions = false }: ExportRequest,
  context: Pick<CallContext, 'signal' | 'progress'>,
): Promise<ExportedFiles> {
  const nameOf = await clientNames(open.state)
  const chosen = [...new Set(vaults)]
  for (const vaultId of chosen) await open.vault(vaultId) // declared before it is read, and known
  const keyWriter = await keyWriterFor(open, { party, vaults: chosen, key })
  const made = await exportBundle(
    open.db,
    {
      party,
      tombstones: deletions,
      vaults: chosen.map((vault) => ({ vault, name: nameOf(vault), template: templateOf(open, vault) })),
    },
    { signal: context.signal, onProgress: context.progress },
  )
  const { container, keys, names, exchangeId, sequence } = made
  await noteExport(open, { party, vaults: chosen, records: made.counts.records, sequence, exchangeId })
  return {
    container,
    keyFile: await keyWriter.write({ exchangeId, container, keys, names }),
    keyEnding: keyWriter.ending,
    records: made.counts.records,
    sequence,
    name: fileName(open, party, sequence),
  }
}

/** Said outside, so that a receiver that is further on can bring the records along. */
function templateOf({ templates, templateNames }: Open, vault: string): NonNullable<ExportVault['template']> {
  const { name, version } = templates.get(templateNames.get(vault) ?? clientTemplate)
  return { name, version }
}

interface Noted extends Omit<ExportRequest, 'key' | 'deletions'> {
  readonly records: number
  readonly sequence: number
  readonly exchangeId: string
}

async function noteExport({ state, now }: Open, { exchangeId, ...noted }: Noted): Promise<void> {
  const row = { ...noted, at: now(), actor: userId }
  await state.exports.put(exchangeId, row, { expectedVersion: 0, reason: 'exports.create' })
}

/** "alder-co-to-harbour-bookkeeping-003". */
function fileName({ profile }: Open, party: string, sequence: number): string {
  return `${suggestKey(profile.firmName)}-to-${suggestKey(party)}-${String(sequence).padStart(3, '0')}`
}
