// Unit and integration tests, beside the code they test: `node` for the engine and the hosts, `web` for components.
import { resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { svelteTesting } from '@testing-library/svelte/vite'
import { defineConfig } from 'vitest/config'

const root = import.meta.dirname
// Real SQLite, real crypto and two busy cores: a slow machine is not a failure.
const testTimeout = 90_000

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          // Tests start worker threads and child processes of their own; a process per file keeps them apart.
          pool: 'forks',
          testTimeout,
          include: ['{packages,src-main,src-shared,bench,scripts}/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
        },
      },
      {
        root,
        plugins: [svelte({ configFile: resolve(root, 'svelte.config.js') }), svelteTesting()],
        test: {
          name: 'web',
          environment: 'jsdom',
          testTimeout,
          setupFiles: [resolve(root, 'vitest.setup.ts'), resolve(root, 'src-main/testing/setup.ts')],
          include: ['src-renderer/**/*.test.ts'],
        },
      },
    ],
  },
})
