// Reads the imports and exports of a source file and finds where the imports lead.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'
import { root } from './project.mjs'
import { lineOf } from './sources.mjs'

/** The workspace packages: name -> folder, entry points and declared dependencies. */
export const packages = Object.fromEntries(
  ['packages/hub', 'packages/to-sqlite', 'packages/lobby', 'packages/dock-sqlite'].map((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    const { name, exports, dependencies = {}, peerDependencies = {}, optionalDependencies = {} } = manifest
    const declared = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })
    return [name, { name, folder, exports, declared }]
  }),
)

export const packageOf = (file) => Object.values(packages).find(({ folder }) => file.startsWith(`${folder}/`))

/**
 * Every import, re-export, dynamic import and import type of a file.
 * `names` are the imported names; undefined means everything (a namespace, a dynamic import, `export *`).
 */
export function importsOf({ tree }) {
  const found = []
  const add = (node, specifier, typeOnly, names) => {
    if (specifier && ts.isStringLiteralLike(specifier)) {
      found.push({ specifier: specifier.text, line: lineOf(tree, node.getStart()), typeOnly, names })
    }
  }
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeImport(node), importedNames(node))
    else if (ts.isExportDeclaration(node))
      add(node, node.moduleSpecifier, isTypeExport(node), exportedNames(node))
    else if (ts.isImportTypeNode(node)) add(node, node.argument.literal, true, undefined)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false, undefined)
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

function isTypeImport({ importClause }) {
  if (!importClause) return false
  const named = importClause.namedBindings
  const allTypes = named && ts.isNamedImports(named) && named.elements.every((element) => element.isTypeOnly)
  return importClause.isTypeOnly || (allTypes && !importClause.name)
}

function isTypeExport({ isTypeOnly, exportClause }) {
  if (isTypeOnly || !exportClause || !ts.isNamedExports(exportClause)) return isTypeOnly
  return exportClause.elements.every((element) => element.isTypeOnly)
}

function importedNames({ importClause }) {
  if (!importClause) return []
  const named = importClause.namedBindings
  if (named && ts.isNamespaceImport(named)) return undefined
  const names = named ? named.elements.map((element) => (element.propertyName ?? element.name).text) : []
  return importClause.name ? [...names, 'default'] : names
}

function exportedNames({ exportClause }) {
  if (!exportClause || !ts.isNamedExports(exportClause)) return undefined
  return exportClause.elements.map((element) => (element.propertyName ?? element.name).text)
}

/** The file of ours an import leads to (a path relative to the root), or undefined for everything else. */
export function resolveImport(file, specifier) {
  if (specifier.startsWith('.')) return existingFile(normalize(join(dirname(file), specifier)))
  const found = Object.values(packages).find(
    ({ name }) => specifier === name || specifier.startsWith(`${name}/`),
  )
  const entry = found?.exports[`.${specifier.slice(found.name.length)}`]
  return entry ? existingFile(join(found.folder, entry)) : undefined
}

function existingFile(path) {
  const clean = path.split('?')[0].replaceAll('\\', '/')
  const candidates = [clean, `${clean}.ts`, clean.replace(/\.js$/, '.ts'), `${clean}/index.ts`]
  return candidates.find((candidate) => /\.\w+$/.test(candidate) && existsSync(join(root, candidate)))
}
