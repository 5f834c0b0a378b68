/** docs/contract-coverage-lobby.md names tests that exist, and leaves out no weakness it is about. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const folder = join(import.meta.dirname, '..')
const text = readFileSync(join(folder, '../../docs/contract-coverage-lobby.md'), 'utf8')
const named = [...new Set([...text.matchAll(/`([^`]+\.test\.ts › [^`]+)`/g)].map(([, name = '']) => name))]

describe('the coverage of the lobby contract', () => {
  it.each(named)('%s', (name) => {
    const [file = '', title = ''] = name.split(' › ')
    const path = join(folder, file)
    expect(existsSync(path), file).toBe(true)
    expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`(['"])${RegExp.escape(title)}\\1`))
  })

  it('answers every weakness', () => {
    const answered = new Set(
      [...text.matchAll(/^\| (?:W|weakness )(\d+)\b/gm)].map(([, number]) => Number(number)),
    )
    const all = Array.from({ length: 68 }, (_, at) => at + 1)
    expect(all.filter((number) => !answered.has(number))).toEqual([])
    expect(named.length).toBeGreaterThan(80)
  })
})
