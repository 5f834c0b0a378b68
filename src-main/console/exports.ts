/** A signed bundle for somebody, with its keys in a file of their own. */
import { encodeKeyFile, exportBundle } from '@klum-db/lobby'
import type { FileRef } from '../../src-shared/ipc/common.ts'
import type { CallContext } from '../../src-shared/ipc/define.ts'
import { suggestKey } from '../../src-shared/model/client-key.ts'
import { clientNames } from './clients/names.ts'
import type { FilesService } from './files.ts'
import { type Open, type Session, userId } from './session.ts'

export interface ExportRequest {
  readonly party: string
  readonly vaults: readonly string[]
}

export interface MadeExport {
  readonly bundle: FileRef
  readonly keys: FileRef
  readonly records: number
  readonly sequence: number
}

export interface ExportsService {
  create(request: ExportRequest, context: CallContext): Promise<MadeExport>
}

export interface ExportedFiles {
  readonly container: Uint8Array
  readonly keyFile: string
  readonly records: number
  readonly sequence: number
  /** Without its ending. */
  readonly name: string
}

export function createExports(session: Session, files: FilesService): ExportsService {
  return {
    create: (request, context) =>
      session.use(async (open) => {
        const made = await exportTo(open, request, context)
        return {
          bundle: files.offer(`${made.name}.noydb`, made.container),
          keys: files.offer(`${made.name}.keys.json`, Buffer.from(made.keyFile, 'utf8')),
          records: made.records,
          sequence: made.sequence,
        }
      }),
  }
}

/** Makes the bundle and notes it; names of the clients stand readable on its outside, their records do not. */
export async function exportTo(
  open: Open,
  { party, vaults }: ExportRequest,
  context: Pick<CallContext, 'signal' | 'progress'>,
): Promise<ExportedFiles> {
  const nameOf = await clientNames(open.state)
  const chosen = [...new Set(vaults)]
  for (const vaultId of chosen) await open.vault(vaultId) // declared before it is read, and known
  const made = await exportBundle(
    open.db,
    { party, vaults: chosen.map((vault) => ({ vault, name: nameOf(vault) })) },
    { signal: context.signal, onProgress: context.progress },
  )
  const { container, keys, names, exchangeId, sequence } = made
  await noteExport(open, { party, vaults: chosen, records: made.counts.records, sequence, exchangeId })
  return {
    container,
    keyFile: encodeKeyFile({ exchangeId, container, keys, names }),
    records: made.counts.records,
    sequence,
    name: fileName(open, party, sequence),
  }
}

interface Noted extends ExportRequest {
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
