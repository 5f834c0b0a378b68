/** The published declarations, read in place: one declaration by name, as text. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import ts from 'typescript'

/** Beside the test data. */
export const seedFolder = resolve(
  process.env['LOBBY_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data'),
  '../seed',
)

export interface SeedDeclaration {
  readonly name: string
  readonly kind: 'class' | 'interface' | 'type' | 'function'
  readonly text: string
}

export interface Seed {
  readonly imports: string
  readonly declarations: ReadonlyMap<string, SeedDeclaration>
}

/** Null where the declarations are absent. */
export function readSeed(): Seed | null {
  if (!existsSync(seedFolder)) return null
  const [file] = readdirSync(seedFolder).filter((name) => name.endsWith('.d.ts.txt'))
  return file === undefined ? null : parseSeed(readFileSync(join(seedFolder, file), 'utf8'))
}

/** The file is a listing of added lines, numbers between them. */
function parseSeed(listing: string): Seed {
  const lines = listing.split('\n').filter((line) => line.startsWith('+'))
  return parseDeclarations(lines.map((line) => line.slice(2)).join('\n'))
}

export function parseDeclarations(text: string): Seed {
  const tree = ts.createSourceFile('seed.d.ts', text, ts.ScriptTarget.Latest, true)
  const declarations = new Map<string, SeedDeclaration>()
  for (const statement of tree.statements) {
    const found = declarationIn(statement)
    if (found !== null) declarations.set(found.name, found)
  }
  const imports = tree.statements.filter(ts.isImportDeclaration).map((statement) => statement.getText())
  return { imports: imports.join('\n'), declarations }
}

function declarationIn(statement: ts.Statement): SeedDeclaration | null {
  if (ts.isClassDeclaration(statement)) return declaration('class', statement, statement.name)
  if (ts.isInterfaceDeclaration(statement)) return declaration('interface', statement, statement.name)
  if (ts.isTypeAliasDeclaration(statement)) return declaration('type', statement, statement.name)
  return ts.isFunctionDeclaration(statement) ? declaration('function', statement, statement.name) : null
}

/** Under the name `Seed_…`, so that what it says of itself, too, is about ours. */
function declaration(
  kind: SeedDeclaration['kind'],
  node: ts.Statement,
  name: ts.Identifier | undefined,
): SeedDeclaration | null {
  if (name === undefined) return null
  const text = node.getText()
  const [from, to] = [name.getStart() - node.getStart(), name.getEnd() - node.getStart()]
  return { name: name.text, kind, text: `${text.slice(0, from)}Seed_${name.text}${text.slice(to)}` }
}
