// The Electron build: main (ESM) with the storage host beside it, a one-file preload, and the renderer.
import { resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'
import { nodeEntries, nodeTarget, workspacePackages } from './vite.serve.config.ts'

const root = import.meta.dirname
// Named, because electron-vite does not know Electron 45; the oldest runtime that runs this output is Electron 33.
const chromeTarget = 'chrome130'

export default defineConfig({
  main: {
    build: {
      target: nodeTarget,
      outDir: resolve(root, 'out/main'),
      externalizeDeps: { exclude: workspacePackages },
      rolldownOptions: {
        input: { main: resolve(root, 'src-main/electron/main.ts'), ...nodeEntries },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      target: nodeTarget,
      outDir: resolve(root, 'out/preload'),
      // The sandbox loads one CommonJS file and nothing else.
      externalizeDeps: false,
      lib: { entry: resolve(root, 'src-main/electron/preload.ts'), formats: ['cjs'] },
      rolldownOptions: { output: { entryFileNames: 'preload.cjs' } },
    },
  },
  renderer: {
    root: resolve(root, 'src-renderer'),
    plugins: [svelte({ configFile: resolve(root, 'svelte.config.js') })],
    build: {
      target: chromeTarget,
      minify: true,
      outDir: resolve(root, 'out/renderer'),
      // The content security policy allows no data: scripts or fonts.
      assetsInlineLimit: 0,
      rolldownOptions: { input: resolve(root, 'src-renderer/index.html') },
    },
  },
})
