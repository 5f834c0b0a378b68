/**
 * Which Node runs the storage host. The SQLite binding needs Node-API 10 and takes the process down below it, so a
 * runtime that is older (the one the tests use) starts the host as a child process on a Node that has it.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'

export interface StorageNode {
  readonly storageHost: 'worker' | 'process'
  readonly storageExecPath?: string
}

export function storageNode(appRoot: string): StorageNode {
  if (Number(process.versions['napi']) >= 10) return { storageHost: 'worker' }
  const binary = process.platform === 'win32' ? 'node.exe' : 'node'
  const bundled = path.join(appRoot, 'node_modules/node/bin', binary)
  return { storageHost: 'process', storageExecPath: existsSync(bundled) ? bundled : 'node' }
}
