// Fails on files nobody reaches and exports nobody imports. What is used only by a test of its own counts as used:
// tests are callers. A deliberate exception carries `@public` in the comment above it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { importsOf, packages, resolveImport } from './lib/imports.mjs'
import { root } from './lib/project.mjs'
import { isTest, lineOf, listSources, parse } from './lib/sources.mjs'

const namers = [
  'package.json',
  'eslint.config.js',
  'electron.vite.config.ts',
  'vite.serve.config.ts',
  'vitest.config.ts',
]
const manifestText = namers.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
const entryPoints = Object.values(packages).flatMap(({ folder, exports }) =>
  Object.values(exports).map((target) => join(folder, target)),
)

/** Started by a person, a tool or a package's user rather than imported. */
function isEntry(file) {
  if (entryPoints.includes(file) || isTest(file) || manifestText.includes(file)) return true
  return file === 'src-renderer/main.ts' || /\.d\.ts$|\/bin\/|^scripts\/[^/]+\.mjs$|\/migrations\//.test(file)
}

/** Names a file exports at the top level, with their lines. */
function exportsOf({ file, tree, text }) {
  const found = []
  for (const statement of tree.statements) {
    const exported = ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(isExportKeyword)
    if (!exported) continue
    if (text.slice(statement.pos, statement.getStart()).includes('@public')) continue
    if (isType(statement) && text.match(new RegExp(`\\b${statement.name.text}\\b`, 'g')).length > 1) continue
    for (const name of declaredNames(statement))
      found.push({ file, name, line: lineOf(tree, statement.getStart()) })
  }
  return found
}

// A type that others of the same file are made of reads better with a name they can say.
const isType = (statement) => ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)

const isExportKeyword = (modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword

function declaredNames(statement) {
  if (ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword))
    return ['default']
  if (!ts.isVariableStatement(statement)) return statement.name ? [statement.name.text] : []
  return statement.declarationList.declarations.flatMap(({ name }) =>
    ts.isIdentifier(name) ? [name.text] : name.elements.map((element) => element.name.text),
  )
}

const sources = listSources().map(parse)
const used = new Map()
for (const source of sources) {
  for (const { specifier, names } of importsOf(source)) {
    const target = resolveImport(source.file, specifier)
    if (!target) continue
    const known = used.get(target) ?? new Set()
    for (const name of names ?? ['*']) known.add(name)
    used.set(target, known)
  }
}

const problems = []
for (const source of sources) {
  const { file } = source
  if (isEntry(file)) continue
  const known = used.get(file)
  if (!known) problems.push(`${file}: nobody imports this file`)
  else if (!known.has('*') && !file.endsWith('.svelte')) {
    const unused = exportsOf(source).filter(({ name }) => !known.has(name))
    for (const { line, name } of unused) problems.push(`${file}:${line}: nobody imports ${name}`)
  }
}

for (const problem of problems) console.error(problem)
console.log(`dead code: ${sources.length} files, ${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0
