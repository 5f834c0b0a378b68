// Our source files, parsed once with the TypeScript compiler: the base of the size, boundary and dead code checks.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './project.mjs'

const folders = /^(packages|src-main|src-renderer|src-shared|scripts|e2e|bench)\//
const extensions = /\.(ts|mjs|js|svelte)$/

/** Paths relative to the root, tracked or new, without build output. */
export function listSources() {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const files = execFileSync('git', args, { cwd: root, maxBuffer: 1 << 26 })
    .toString()
    .split('\0')
  return files
    .filter((file) => folders.test(file) && extensions.test(file) && existsSync(join(root, file)))
    .sort()
}

/** Tests, and what is written for tests: end-to-end code, benchmarks, the conformance suite hub offers to stores. */
export const isTest = (file) =>
  /\.(test|spec)\.ts$/.test(file) || /(^|\/)(test|testing|e2e|bench)(\/|\.ts$)/.test(file)

/** The text of a file and its syntax tree; of a component the scripts only, at their own lines. */
export function parse(file) {
  const text = readFileSync(join(root, file), 'utf8')
  const code = file.endsWith('.svelte') ? scriptsOf(text) : text
  const kind = /\.(mjs|js)$/.test(file) ? ts.ScriptKind.JS : ts.ScriptKind.TS
  return { file, text, tree: ts.createSourceFile(file, code, ts.ScriptTarget.ESNext, true, kind) }
}

/** Blanks everything outside <script> so that positions and line numbers stay those of the file. */
function scriptsOf(text) {
  let code = ''
  let end = 0
  for (const match of text.matchAll(/(<script\b[^>]*>)([\s\S]*?)<\/script>/g)) {
    const start = match.index + match[1].length
    code += blank(text.slice(end, start)) + match[2]
    end = start + match[2].length
  }
  return code + blank(text.slice(end))
}

const blank = (text) => text.replace(/[^\n]/g, ' ')

export const lineOf = (tree, position) => tree.getLineAndCharacterOfPosition(position).line + 1
