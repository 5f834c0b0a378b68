/** The container of docs/bundle-format.md, section 1, with every field open to be wrong. */
import { createHash } from 'node:crypto'

export interface ContainerParts {
  readonly header: Readonly<Record<string, unknown>>
  /** As it travels. */
  readonly body: Uint8Array
  /** 0 none, 1 gzip, 2 brotli. */
  readonly compression: number
  readonly flags?: number
  readonly headerLength?: number
}

export const HANDLE = '01JGXZ0000000000000000ABCD'
export const SEAL_ID = '01JGXZ0000000000000000SEAX'
export const TRANSFER_SEAL = { v: 1, alg: 'aes-256-gcm-pre-shared', sealId: SEAL_ID } as const

/** The header of a partition whose length and hash are those of `body`. */
export function partitionHeader(body: Uint8Array): Record<string, unknown> {
  return {
    formatVersion: 1,
    handle: HANDLE,
    bodyBytes: body.length,
    bodySha256: createHash('sha256').update(body).digest('hex'),
    bundleKind: 'extracted-partition',
    transferSeal: TRANSFER_SEAL,
  }
}

export function encodeParts({ header, body, compression, flags, headerLength }: ContainerParts): Uint8Array {
  return encodeText({
    text: JSON.stringify(header),
    body,
    compression,
    ...(flags !== undefined && { flags }),
    ...(headerLength !== undefined && { headerLength }),
  })
}

export function encodeText(parts: Omit<ContainerParts, 'header'> & { readonly text: string }): Uint8Array {
  const text = Buffer.from(parts.text)
  const prefix = Buffer.alloc(10)
  prefix.write('NDB1')
  prefix[4] = parts.flags ?? (parts.compression === 0 ? 2 : 3)
  prefix[5] = parts.compression
  prefix.writeUInt32BE(parts.headerLength ?? text.length, 6)
  return new Uint8Array(Buffer.concat([prefix, text, parts.body]))
}
