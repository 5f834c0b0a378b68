// Fails on files and functions above the limits of the house style. What was imported above them stands in
// size-baseline.json: it may shrink, never grow. `--list` also names what is above the aims; `--update` rewrites the
// baseline with smaller numbers.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './lib/project.mjs'
import { isTest, lineOf, listSources, parse } from './lib/sources.mjs'

const limits = {
  test: { aim: 300, max: 500 },
  svelte: { aim: 120, max: 250 },
  code: { aim: 150, max: 300 },
  function: { aim: 12, max: 50 },
}

const baselineFile = join(root, 'scripts/size-baseline.json')
const baseline = existsSync(baselineFile) ? JSON.parse(readFileSync(baselineFile, 'utf8')) : {}

function limitOf(file) {
  if (isTest(file)) return limits.test
  return file.endsWith('.svelte') ? limits.svelte : limits.code
}

function nameOf(node) {
  if (node.name) return node.name.getText()
  if (ts.isConstructorDeclaration(node)) return 'constructor'
  const parent = node.parent
  return parent && 'name' in parent && parent.name ? parent.name.getText() : '(anonymous)'
}

/** Functions of a file with their lines; suites of tests are lists, not functions, and are not measured. */
function functionsOf({ file, tree }) {
  const found = []
  const visit = (node) => {
    if (ts.isFunctionLike(node) && node.body) {
      const first = lineOf(tree, node.getStart())
      found.push({
        key: `${file}#${nameOf(node)}`,
        at: `${file}:${first}`,
        lines: lineOf(tree, node.end) - first + 1,
      })
    }
    ts.forEachChild(node, visit)
  }
  if (!isTest(file)) visit(tree)
  return found
}

const lineCount = (text) => text.split('\n').length - (text.endsWith('\n') ? 1 : 0)

function measure() {
  const measured = []
  for (const source of listSources().map(parse)) {
    const { file, text } = source
    measured.push({ key: file, at: file, lines: lineCount(text), limit: limitOf(file) })
    for (const entry of functionsOf(source)) measured.push({ ...entry, limit: limits.function })
  }
  return measured
}

const measured = measure()
const tooLong = measured.filter(({ key, lines, limit }) => lines > Math.max(limit.max, baseline[key] ?? 0))
const aboveAim = measured.filter(({ lines, limit }) => lines > limit.aim && lines <= limit.max)

if (process.argv.includes('--update')) {
  const kept = measured.filter(({ key, lines, limit }) => key in baseline && lines > limit.max)
  writeFileSync(
    baselineFile,
    `${JSON.stringify(Object.fromEntries(kept.map((e) => [e.key, e.lines])), null, 2)}\n`,
  )
}
if (process.argv.includes('--list')) {
  for (const { at, lines, limit } of aboveAim) console.log(`${at}: ${lines} lines, aim ${limit.aim}`)
}
for (const { at, key, lines, limit } of tooLong) {
  const recorded = baseline[key] ? `, recorded ${baseline[key]}` : ''
  console.error(`${at}: ${lines} lines, limit ${limit.max}${recorded} (${key.split('#')[1] ?? 'file'})`)
}
const files = new Set(measured.map(({ key }) => key.split('#')[0])).size
console.log(
  `size: ${files} files, ${tooLong.length} above a limit, ${aboveAim.length} above an aim (--list names them)`,
)
process.exitCode = tooLong.length > 0 ? 1 : 0
