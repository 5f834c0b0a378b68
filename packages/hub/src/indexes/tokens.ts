/**
 * Index tokens: what the store may know of a value. A keyed hash under a key derived from the collection's own, so the store
 * sees which rows of one collection share a value, and neither the value nor whether two collections share it.
 */
import { createHmac, hkdfSync, createSecretKey, type KeyObject } from 'node:crypto'
import { indexName, valuesOf, type IndexFields, type IndexValue } from './definition.ts'

/** 12 bytes as 16 characters: two values meet by accident once in 2^48 of them, and a match is compared again anyway. */
const TOKEN_BYTES = 12

export class TokenMaker {
  /** Whose rows these tokens find; another one after a rotation. */
  readonly dataKey: KeyObject
  readonly #key: KeyObject

  constructor(dataKey: KeyObject) {
    this.dataKey = dataKey
    this.#key = createSecretKey(Buffer.from(hkdfSync('sha256', dataKey, '', 'noy-db index tokens', 32)))
  }

  token(fields: IndexFields, values: readonly IndexValue[]): string {
    // -0 and 0 are equal to every comparison, and are the same JSON.
    const text = `${indexName(fields)}\n${JSON.stringify(values)}`
    return createHmac('sha256', this.#key).update(text).digest().toString('base64', 0, TOKEN_BYTES)
  }

  /** One token for each index that can find this record. */
  tokensOf(indexes: readonly IndexFields[], record: unknown): string[] {
    const tokens: string[] = []
    for (const fields of indexes) {
      const values = valuesOf(fields, record)
      if (values !== null) tokens.push(this.token(fields, values))
    }
    return tokens
  }
}
