/** What a bundle says of itself before any key: sender, clients, counts, and whether it was imported before. */
import { hasNoydbBundleMagic } from '@noy-db/hub'
import { inspectBundle, isDelivery } from '@klum-db/lobby'
import type { BundleView } from '../../../src-shared/ipc/imports.ts'
import type { FileRef } from '../../../src-shared/ipc/common.ts'
import { AppError } from '../app-error.ts'
import type { Open } from '../session.ts'
import { senderView } from './plan-views.ts'
import { suggestTargets } from './targets.ts'

export async function inspect(open: Open, file: FileRef, bytes: Uint8Array): Promise<BundleView> {
  assertBundle(bytes)
  const found = await inspectBundle(bytes, open.db)
  const suggested = await suggestTargets(open, found.compartments)
  return {
    file,
    sha256: found.sha256,
    compartments: found.compartments.map(({ handle, name, innerBytes, collections, exportedAt }) => ({
      handle,
      name: name ?? null,
      bytes: innerBytes,
      records: collections?.reduce((sum, { count }) => sum + count, 0) ?? null,
      collections: collections?.map((collection) => ({ ...collection })) ?? null,
      exportedAt: exportedAt ?? null,
      suggestedVaultId: suggested.get(handle) ?? null,
    })),
    sender: senderView(found.check),
    alreadyImported: found.alreadyImported && {
      importId: found.alreadyImported.importId,
      at: found.alreadyImported.appliedAt,
    },
  }
}

const madeUnderAgreement =
  'This file was made under an agreement. Nothing was imported. Take it on the screen Agreements.'

/** Another kind of file is told from a damaged bundle: the person does something else about it. */
export function assertBundle(bytes: Uint8Array): void {
  if (!isBundle(bytes)) throw new AppError('NOT_A_BUNDLE')
  if (isDelivery(bytes)) throw new AppError('NOT_A_BUNDLE', madeUnderAgreement)
}

/** By its first bytes. */
export function isBundle(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'NDBM' || hasNoydbBundleMagic(bytes)
}
