/** A signed bundle for somebody, with its keys in a file of their own. */
import { exportBundle, type ExportVault, knownRecipient } from '@klum-db/lobby'
import type { InputOf, OutputOf } from '../../src-shared/ipc/contract.ts'
import type { CallContext } from '../../src-shared/ipc/define.ts'
import type { KeyChoice } from '../../src-shared/ipc/exports.ts'
import { suggestKey } from '../../src-shared/model/client-key.ts'
import { clientNames, clientTemplate } from './clients/names.ts'
import { keyWriterFor } from './export-keys.ts'
import type { FilesService } from './files.ts'
import { type Open, type Session, userId } from './session.ts'

export interface ExportRequest {
  readonly party: string
  readonly vaults: readonly string[]
  /** Default: a plain key file. */
  readonly key?: KeyChoice | undefined
}

export interface ExportsService {
  recipient(party: string): Promise<OutputOf<'exports.recipient'>>
  create(request: InputOf<'exports.create'>, context: CallContext): Promise<OutputOf<'exports.create'>>
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

export function createExports(session: Session, files: FilesService): ExportsService {
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
  }
}

/** Makes the bundle and notes it; names of the clients stand readable on its outside, their records do not. */
export async function exportTo(
  open: Open,
  { party, vaults, key = { form: 'file' } }: ExportRequest,
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

interface Noted extends Omit<ExportRequest, 'key'> {
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
