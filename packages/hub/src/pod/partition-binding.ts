/** What an extracted partition says in clear of its body, without a key. */
import type { BundleBodyFormat } from '../types/bundle.ts'
import { isBody2, readHead } from './body-2/head.ts'
import { readContainerHead } from './container.ts'

export interface PartitionBinding {
  readonly bodyFormat: BundleBodyFormat
  /** Null where the body is bound to none, as one of format 1 always is. */
  readonly exchangeId: string | null
}

/** True only of a body that opens: the seal covers what is read here. @throws BundleIntegrityError */
export function readPartitionBinding(bundleBytes: Uint8Array): PartitionBinding {
  const { header, bodyOffset } = readContainerHead(bundleBytes)
  const body = bundleBytes.subarray(bodyOffset)
  if (header.bundleKind !== 'extracted-partition' || !isBody2(body))
    return { bodyFormat: 1, exchangeId: null }
  return { bodyFormat: 2, exchangeId: readHead(body).exchangeId }
}
