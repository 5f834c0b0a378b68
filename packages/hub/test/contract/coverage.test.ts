/** docs/contract-coverage.md names tests that exist, leaves no clause empty, and links to pages that are there. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

const root = path.join(import.meta.dirname, '../../../..')
const page = readFileSync(path.join(root, 'docs/contract-coverage.md'), 'utf8')
interface Named {
  readonly file: string
  readonly title: string
}

/** Each file in backticks, with the titles in quotes that follow it. */
function named(text: string): Named[] {
  const found: Named[] = []
  let file = ''
  for (const [, path_ = '', title] of text.matchAll(/`([\w./-]+\.ts)`|"([^"\n]+)"/g)) {
    if (title === undefined) file = path_
    else if (file !== '') found.push({ file, title })
  }
  return found
}

it('names tests that are there', () => {
  const texts = new Map<string, string>()
  const read = (file: string): string => {
    const known = texts.get(file) ?? readFileSync(path.join(root, 'packages', file), 'utf8')
    texts.set(file, known)
    return known
  }
  const tests = page
    .slice(page.indexOf('## 0'))
    .split('\n')
    .flatMap((line) => named(line))
  const missing = tests.filter(
    ({ file, title }) => !["'", '`', '"'].some((quote) => read(file).includes(quote + title + quote)),
  )
  expect(missing).toEqual([])
  expect(tests.length).toBeGreaterThan(150)
})

it('shows something for every clause', () => {
  const rows = page.split('\n').filter((line) => /^\| (\d|[a-z=])/.test(line) && !line.startsWith('| clause'))
  const empty = rows.filter((line) => named(line).length === 0).map((line) => line.split('|')[1]?.trim())
  expect(empty).toEqual([])
  const sections = new Set(page.match(/^## [\d and]+/gm)?.flatMap((title) => title.match(/\d+/g) ?? []))
  expect([...sections].map(Number)).toEqual(Array.from({ length: 19 }, (_, section) => section))
})

it('links to decisions that are written', () => {
  const links = [...page.matchAll(/\]\((adr\/[^)]+)\)/g)].map(([, link = '']) => link)
  expect(links.length).toBeGreaterThan(5)
  expect(links.filter((link) => !existsSync(path.join(root, 'docs', link)))).toEqual([])
})
