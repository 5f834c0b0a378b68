/**
 * `node packages/lobby/test/vectors/make.ts`: fills in the `out` of every vector from its `in`. For new vectors; an `out` that
 * changes is a format that changed, and then the old file stays and a new one is added beside it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { compute } from './compute.ts'

for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith('.json'))) {
  const place = path.join(import.meta.dirname, file)
  const vector = JSON.parse(readFileSync(place, 'utf8')) as { in?: unknown } // our own files
  if (vector.in === undefined) continue
  const out = await compute(path.basename(file, '.json'), vector.in)
  writeFileSync(place, `${JSON.stringify({ ...vector, out }, null, 2)}\n`)
}
