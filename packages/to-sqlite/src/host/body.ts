/**
 * The two base64 members of an envelope as one BLOB: the 12 bytes of the initialisation vector, then the ciphertext.
 * One BLOB because each costs a buffer on every read; 12 bytes fill 16 characters without padding, so both convert at once.
 * Whatever is not exactly that (plain JSON, a vector of another length, base64 in another spelling) is kept as
 * the text it is: every envelope comes back as it went in.
 */
const ivChars = 16

/** `iv` null says that `body` is the BLOB. */
export interface StoredBody {
  readonly iv: string | null
  readonly body: Buffer | string
}

export function packBody(iv: string, data: string): StoredBody {
  if (iv.length !== ivChars) return { iv, body: data }
  const text = iv + data
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? { iv: null, body: bytes } : { iv, body: data }
}

/** The vector and the data as the envelope had them. */
export function unpackBody({ iv, body }: StoredBody): readonly [iv: string, data: string] {
  if (iv !== null) return [iv, body.toString()]
  const text = body.toString('base64')
  return [text.slice(0, ivChars), text.slice(ivChars)]
}
