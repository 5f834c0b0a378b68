/** Reading an extracted partition without any vault. */
import type { DecryptedRecord, DecryptPartitionOptions } from '../types/bundle.ts'
import { Slices } from '../transaction/slices.ts'
import { withoutProgress } from '../transaction/prepare.ts'
import { openPartition } from './open-partition.ts'
import type { OpenedRow } from './partition.ts'

/**
 * Collections in bundle order; either body format. `onProgress` counts records.
 * @throws TransferSealError, ValidationError (another kind of bundle), TamperedError, BundleIntegrityError
 */
export async function decryptExtractedPartition(
  bundleBytes: Uint8Array,
  transferKey: Uint8Array,
  options: DecryptPartitionOptions = {},
): Promise<Record<string, DecryptedRecord[]>> {
  const { collections } = await openPartition(bundleBytes, transferKey, options)
  const slices = new Slices(withoutProgress(options))
  const decrypted: Array<[collection: string, records: DecryptedRecord[]]> = []
  for (const { name, rows } of collections) {
    const records: DecryptedRecord[] = []
    for (const row of rows) {
      records.push(decryptedRecord(row))
      if (slices.due()) await slices.pause()
    }
    decrypted.push([name, records])
  }
  return Object.fromEntries(decrypted)
}

function decryptedRecord({ id, clear, body }: OpenedRow): DecryptedRecord {
  const { timestamp: ts, version, source, sourceTs } = clear
  return {
    id,
    record: { ...body, id },
    ts,
    version,
    ...(source !== undefined && { source }),
    ...(sourceTs !== undefined && { sourceTs }),
  }
}
