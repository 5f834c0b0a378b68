/** What a bundle says before any key: from whom, what is inside, whether it was taken already. */
import type { NoydbApi } from '@noy-db/hub'
import type { CompartmentManifest } from '../bundle/types.ts'
import { checkSender, compareSender, NO_SENDER } from '../identity/check-sender.ts'
import type { SenderBlock, SenderCheck } from '../identity/types.ts'
import { openState } from '../state.ts'
import { findImport } from './journal.ts'
import { verifyContainer } from './open-import.ts'

export interface BundleFacts {
  readonly bytes: number
  readonly sha256: string
  readonly compartments: readonly CompartmentManifest[]
  /** The verified sender block; null where the bundle is unsigned. */
  readonly sender: SenderBlock | null
  /** Against the known senders of this workspace; without an instance, every signed sender is unknown. */
  readonly check: SenderCheck
  readonly alreadyImported: { readonly importId: string; readonly appliedAt: string } | null
}

/** @throws BundleInvalidError, LobbyError `SIGNATURE_INVALID` */
export async function inspectBundle(bytes: Uint8Array, db?: NoydbApi): Promise<BundleFacts> {
  const { sha256, compartments, sender } = verifyContainer(bytes)
  const facts = { bytes: bytes.length, sha256, compartments: compartments.map(({ entry }) => entry), sender }
  if (db === undefined) {
    return {
      ...facts,
      check: sender === null ? NO_SENDER : compareSender(sender, null),
      alreadyImported: null,
    }
  }
  const state = await openState(db)
  const found = await findImport(state, sha256)
  return {
    ...facts,
    check: await checkSender(state, sender),
    alreadyImported: found === null ? null : { importId: found.id, appliedAt: found.appliedAt },
  }
}
