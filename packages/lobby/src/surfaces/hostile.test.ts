/** Files from outside that somebody has tampered with: always a coded error, never another text that is taken. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeSurfaceFile, encodeSurfaceFile } from './act-file.ts'
import { decodeDelivery } from './delivery.ts'
import { compareExchangeLogs, decodeExchangeLog } from './exchange-log.ts'
import { StateManagementVault } from '../federation/registry/state-management-vault.ts'
import { openOffice } from '../fixture-office.ts'
import { takeSurfaceReceipt } from './receipt.ts'

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors/surface.json'), 'utf8')) as {
  files: string[]
  delta: { bytes: string }
  receipt: string
  logs: { firm: string }
}

const RESERVED_AT = 5

/** Each byte in turn, with one bit of it turned. */
function* flipped(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1) {
    const copy = Uint8Array.from(bytes)
    copy[at]! ^= 1 << (at % 7)
    yield copy
  }
}

/** Every beginning of it. */
function* cut(bytes: Uint8Array, step: number): Generator<Uint8Array> {
  for (let length = 0; length < bytes.length - 1; length += step) yield bytes.subarray(0, length)
}

function codeOf(work: () => unknown): string {
  try {
    return `taken: ${String(work())}`
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : `no code: ${String(error)}`
  }
}

function thrown(error: unknown): never {
  throw error
}

describe('a tampered', () => {
  it.each(vectors.files.map((file, at) => [`${at} of the acts`, file]))(
    'file %s is refused',
    (_name, file) => {
      const bytes = Buffer.from(file, 'utf8')
      const codes = new Set<string>()
      for (const copy of [...flipped(bytes), ...cut(bytes, 7)]) {
        const code = codeOf(() => encodeSurfaceFile(decodeSurfaceFile(copy)))
        // White space at the end is no part of what was signed.
        if (code !== `taken: ${file}`) codes.add(code)
      }
      expect([...codes].sort()).toEqual(['SURFACE_FILE_FORGED', 'SURFACE_FILE_INVALID'])
    },
  )

  it('delivery is refused', () => {
    const bytes = Buffer.from(vectors.delta.bytes, 'base64')
    const codes = new Set<string>()
    for (const copy of [...flipped(bytes), ...cut(bytes, 11)]) {
      // The container's reserved byte says nothing, to any reader.
      if (copy.length === bytes.length && copy[RESERVED_AT] !== bytes[RESERVED_AT]) continue
      codes.add(codeOf(() => decodeDelivery('x', copy)))
    }
    expect([...codes].sort()).toEqual([
      'BUNDLE_INVALID',
      'BUNDLE_TOO_NEW',
      'SURFACE_DELIVERY_FOREIGN',
      'SURFACE_FILE_FORGED',
    ])
  })

  it('receipt is refused, before anything is looked up', async () => {
    const state = await StateManagementVault.open(await openOffice('ann'))
    const bytes = Buffer.from(vectors.receipt, 'utf8')
    const codes = new Set<unknown>()
    for (const copy of [...flipped(bytes.subarray(0, -1)), ...cut(bytes, 7)]) {
      const error = await takeSurfaceReceipt(state, copy).then(String, (reason: unknown) => reason)
      codes.add(codeOf(() => thrown(error)))
    }
    expect([...codes].sort()).toEqual(['SURFACE_FILE_FORGED', 'SURFACE_FILE_INVALID'])
  })

  it('log is refused, or found broken', () => {
    const [whole, bytes] = [decodeExchangeLog(vectors.logs.firm), Buffer.from(vectors.logs.firm, 'utf8')]
    for (const copy of flipped(bytes.subarray(0, -1))) {
      const code = codeOf(() => {
        const { first } = compareExchangeLogs(decodeExchangeLog(copy), whole)
        if (first === null) throw new Error('nothing noticed')
      })
      expect(['SURFACE_FILE_INVALID', 'taken: undefined']).toContain(code)
    }
  })
})
