/** Codes of surfaces, campaigns, shards and snapshots reach a person as words of their own, none as something nobody foresaw. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LobbyError, type LobbyErrorCode } from '@klum-db/lobby'
import { toAppError } from './app-error.ts'

/** As the union in the engine's source names them, so that a new one cannot be forgotten. */
function codesIn(file: string, prefix: RegExp): LobbyErrorCode[] {
  const source = readFileSync(join(import.meta.dirname, '../../packages/lobby/src', file), 'utf8')
  const names = [...source.matchAll(/^ +\| '(\w+)'/gm)].map(([, code = '']) => code)
  return names.filter((code) => prefix.test(code)) as LobbyErrorCode[]
}

const families = [
  { name: 'surfaces', codes: codesIn('surfaces/error-codes.ts', /^SURFACE_/), least: 20 },
  { name: 'campaigns', codes: codesIn('errors.ts', /^CAMPAIGN_/), least: 9 },
  { name: 'shards', codes: codesIn('errors.ts', /^SHARD_/), least: 5 },
  { name: 'snapshots', codes: codesIn('errors.ts', /^SNAPSHOT_/), least: 5 },
] as const

describe.each(families)('an error of $name', ({ codes, least }) => {
  it('is one of many', () => {
    expect(codes.length).toBeGreaterThanOrEqual(least)
  })

  it.each(codes)('%s has words, and says what was not changed', (code) => {
    const error = toAppError(new LobbyError(code, 'for programmers'))
    expect(error.code).not.toBe('INTERNAL')
    expect(error.message).not.toBe('for programmers')
    expect(error.message).toMatch(/[Nn]othing was (changed|taken|signed|exchanged|sent)/)
  })
})

it('words are not shared', () => {
  const codes = families.flatMap((family) => family.codes)
  const texts = codes.map((code) => toAppError(new LobbyError(code, '')).message)
  expect(new Set(texts).size).toBe(codes.length)
})
