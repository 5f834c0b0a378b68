/**
 * Compares one published declaration with ours, both ways. Every other name in it stands for ours, so that each declaration is judged
 * by itself. Ours may have more: optional members, optional parameters, further methods of a class.
 */
import { resolve } from 'node:path'
import ts from 'typescript'
import type { Seed, SeedDeclaration } from './read-seed.ts'

export interface Ours {
  /** Module below `src`. */
  readonly from: string
  /** Where our name differs. */
  readonly name?: string
  /** Type arguments to compare with, as text; `Sample` is a record type. */
  readonly args?: string
}

export type Table = Readonly<Record<string, Ours>>

const folder = resolve(import.meta.dirname)
const config = resolve(folder, '../../../../tsconfig.node.json')

/** What the compiler says against it, by name of the declaration; nothing for the ones that fit. */
export function compareAll(seed: Seed, table: Table): Map<string, string[]> {
  const files = new Map<string, string>()
  const names = new Map<string, string>()
  for (const name of Object.keys(table)) {
    const declaration = seed.declarations.get(name)
    const file = resolve(folder, `seed-${name}.ts`)
    names.set(file, name)
    files.set(
      file,
      declaration === undefined
        ? 'const missing: never = "not in the seed"'
        : moduleFor(seed, declaration, table),
    )
  }
  return diagnose(files, names)
}

function moduleFor(seed: Seed, declaration: SeedDeclaration, table: Table): string {
  const imports = Object.entries(table).map(
    ([name, { from, name: own = name }]) => `import type { ${own} as ${name} } from '../../src/${from}'`,
  )
  return [
    seed.imports.replaceAll(/^import \{/gm, 'import type {'),
    ...imports,
    declaration.text,
    'interface Sample { readonly id: string; readonly amount: number }',
    assertions(declaration, table[declaration.name]?.args ?? ''),
  ].join('\n')
}

function assertions({ name, kind }: SeedDeclaration, args: string): string {
  // A function of ours may take more than the published one.
  if (kind === 'function')
    return `declare const ours: typeof ${name}; const fitsTheirs: typeof Seed_${name} = ours`
  const [theirs, ours] = [`Seed_${name}${args}`, `${name}${args}`]
  if (kind !== 'class') return bothWays(theirs, ours)
  const pick = (type: string, keys: string): string => `Pick<${type}, keyof ${keys}>`
  return [
    // Private members make classes nominal; the public ones are the contract.
    bothWays(pick(theirs, theirs), pick(ours, theirs)),
    `type Statics = Omit<typeof Seed_${name}, 'prototype'>`,
    `declare const ownStatics: typeof ${name}; const statics: Statics = ownStatics`,
    // May be called the way the published constructor is; a private one has no parameters to ask for.
    `type Given = typeof Seed_${name} extends new (...args: infer P) => unknown ? P : []`,
    `type Taken = typeof ${name} extends new (...args: infer P) => unknown ? P : []`,
    `declare const given: Given; const call: (...args: Taken) => void = () => {}; call(...given)`,
  ].join('\n')
}

function bothWays(theirs: string, ours: string): string {
  return `declare const theirs: ${theirs}; declare const ours: ${ours}
const fitsOurs: ${ours} = theirs; const fitsTheirs: ${theirs} = ours`
}

const parsed = new Map<string, ts.SourceFile | undefined>()

/** The library and our sources are the same for every comparison. */
function readOnce(path: string, read: () => ts.SourceFile | undefined): ts.SourceFile | undefined {
  if (!parsed.has(path)) parsed.set(path, read())
  return parsed.get(path)
}

function diagnose(
  files: ReadonlyMap<string, string>,
  names: ReadonlyMap<string, string>,
): Map<string, string[]> {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, (path) => ts.sys.readFile(path)).config,
    ts.sys,
    resolve(config, '..'),
  )
  const own = { ...options, noUnusedLocals: false, noUnusedParameters: false }
  const host = ts.createCompilerHost(own)
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (path, ...rest) => {
    const text = files.get(path)
    return text === undefined
      ? readOnce(path, () => read(path, ...rest))
      : ts.createSourceFile(path, text, ts.ScriptTarget.Latest)
  }
  const exists = host.fileExists.bind(host)
  host.fileExists = (path) => files.has(path) || exists(path)
  const program = ts.createProgram([...files.keys()], own, host)
  const problems = new Map<string, string[]>()
  for (const [file, name] of names) {
    const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(file))
    if (found.length > 0)
      problems.set(
        name,
        found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
      )
  }
  return problems
}
