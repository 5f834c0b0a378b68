/** A body of format 2 as the JSON text that readers of bodies are used to; nothing is opened for it. */
import { BundleIntegrityError } from '../../errors.ts'
import { readHead } from './head.ts'

/** Members in the order of format 1. @throws BundleIntegrityError */
export function wrapperOfBody2(body: Uint8Array): string {
  const { offset, directoryBytes, sealId, exchangeId, compression } = readHead(body)
  const start = offset + directoryBytes
  if (start > body.length) throw new BundleIntegrityError('The body ends inside its directory.')
  return JSON.stringify({
    _noydb_bundle_body: 2,
    dump: base64(body.subarray(start)),
    _transferSeal: {
      v: 1,
      alg: 'aes-256-gcm-pre-shared',
      sealId,
      payload: base64(body.subarray(offset, start)),
    },
    exchangeId,
    compression,
  })
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}
