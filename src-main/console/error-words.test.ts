/** Codes of surfaces reach a person as words of their own, none as something nobody foresaw. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LobbyError, type SurfaceErrorCode } from '@klum-db/lobby'
import { toAppError } from './app-error.ts'

const source = readFileSync(
  join(import.meta.dirname, '../../packages/lobby/src/surfaces/error-codes.ts'),
  'utf8',
)
const codes = [...source.matchAll(/\| '(SURFACE_\w+)'/g)].map(([, code]) => code as SurfaceErrorCode)

describe('an error of surfaces', () => {
  it('is one of many', () => {
    expect(codes.length).toBeGreaterThan(20)
  })

  it.each(codes)('%s has words, and says what was not changed', (code) => {
    const error = toAppError(new LobbyError(code, 'for programmers'))
    expect(error.code).not.toBe('INTERNAL')
    expect(error.message).not.toBe('for programmers')
    expect(error.message).toMatch(/Nothing was (changed|taken|signed|exchanged|sent)/)
  })

  it('words are not shared', () => {
    const texts = codes.map((code) => toAppError(new LobbyError(code, '')).message)
    expect(new Set(texts).size).toBe(codes.length)
  })
})
