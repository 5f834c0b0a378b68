/** Runs a scenario's builder in a process of its own: the runner's loader is not the product's. */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '../..')

/** @param builder path below `e2e/`. */
export async function build(builder: string, dataDir: string): Promise<void> {
  const node24 = resolve(root, 'node_modules/node/bin/node')
  await promisify(execFile)(node24, [resolve(root, 'e2e', builder), dataDir])
}
