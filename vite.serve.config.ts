// The loopback host: the same services as a plain Node program in out/serve, with the storage host beside it.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig } from 'vite'

const root = import.meta.dirname

/** Bundled into every host: their exports are TypeScript sources, which a runtime cannot load from node_modules. */
export const workspacePackages = [
  '@noy-db/hub',
  '@noy-db/to-sqlite',
  '@klum-db/lobby',
  '@klum-db/dock-sqlite',
]
export const nodeTarget = 'node20.18'

// Programs that run on their own thread or process; each must be a file beside the host that starts it.
const workers = {
  'storage-host': 'packages/to-sqlite/src/host/entry.ts',
  'foreign-host': 'packages/dock-sqlite/src/host/entry.ts',
  'jsonata-worker': 'packages/lobby/src/templates/runner/worker.ts',
  'workbook-worker': 'packages/lobby/src/export/xlsx/workbook-worker.ts',
}

/** The workers that exist, as build entries. */
export const nodeEntries = Object.fromEntries(
  Object.entries(workers)
    .map(([name, source]) => [name, resolve(root, source)] as const)
    .filter(([, source]) => existsSync(source)),
)

export default defineConfig({
  ssr: { noExternal: workspacePackages },
  build: {
    ssr: true,
    target: nodeTarget,
    outDir: resolve(root, 'out/serve'),
    emptyOutDir: true,
    rolldownOptions: {
      input: { server: resolve(root, 'src-main/serve/server.ts'), ...nodeEntries },
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
})
