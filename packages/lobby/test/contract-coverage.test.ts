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

  it('answers every weakness of surfaces', () => {
    for (let number = 41; number <= 47; number += 1)
      expect(text).toMatch(new RegExp(`^\\| W${number} \\|`, 'm'))
  })

  it('answers every weakness of groups', () => {
    const numbers = [13, 14, 15, 17]
    for (let number = 20; number <= 40; number += 1) numbers.push(number)
    for (let number = 55; number <= 65; number += 1) numbers.push(number)
    const answered = [...text.matchAll(/^\| W(\d+) \|/gm)].map(([, number]) => Number(number))
    expect(answered).toEqual(expect.arrayContaining(numbers))
    expect(named.length).toBeGreaterThan(80)
  })
})
