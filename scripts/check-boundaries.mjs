// Fails on an import that goes the wrong way, a cycle of run-time imports, or a file name that says nothing.
import { bannedFileNames, rules } from './lib/boundary-rules.mjs'
import { importsOf, resolveImport } from './lib/imports.mjs'
import { listSources, parse } from './lib/sources.mjs'

const problems = []
const graph = new Map()

for (const source of listSources().map(parse)) {
  const { file } = source
  if (bannedFileNames.test(file)) problems.push(`${file}: name the file after what it does`)
  const imports = importsOf(source).map((entry) => ({
    ...entry,
    file,
    target: resolveImport(file, entry.specifier),
  }))
  for (const entry of imports) {
    for (const { from, forbid, why } of rules) {
      if (from(file) && forbid(entry)) problems.push(`${file}:${entry.line}: '${entry.specifier}': ${why}`)
    }
  }
  // Types are gone at run time: a cycle through them cannot leave a module half loaded.
  const edges = imports.filter((entry) => !entry.typeOnly && entry.target).map((entry) => entry.target)
  graph.set(file, [...new Set(edges)])
}

for (const cycle of findCycles()) problems.push(`import cycle: ${cycle.join(' -> ')}`)

/** One cycle per group of files that reach each other; depth first, each file once. */
function findCycles() {
  const cycles = []
  const state = new Map()
  const path = []
  const visit = (file) => {
    state.set(file, 'open')
    path.push(file)
    for (const next of graph.get(file) ?? []) {
      if (state.get(next) === 'open') cycles.push([...path.slice(path.indexOf(next)), next])
      else if (!state.has(next)) visit(next)
    }
    path.pop()
    state.set(file, 'done')
  }
  for (const file of graph.keys()) if (!state.has(file)) visit(file)
  return cycles
}

for (const problem of problems) console.error(problem)
console.log(`boundaries: ${graph.size} files, ${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0
