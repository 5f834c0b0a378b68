// Where things are, and how to run them: shared by the scripts, built-ins only, so that it works before `npm ci`.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** Node 24 of the repository. The outer Node may be 20; sources need type stripping and Node-API 10. */
export const node24 = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node')

export const isRoot = process.getuid?.() === 0

/** A command line tool of node_modules, to be run with `node24`: no shim, no shell, the same on every platform. */
export const tool = {
  prettier: 'node_modules/prettier/bin/prettier.cjs',
  eslint: 'node_modules/eslint/bin/eslint.js',
  tsc: 'node_modules/typescript/bin/tsc',
  svelteCheck: 'node_modules/svelte-check/bin/svelte-check',
  vitest: 'node_modules/vitest/vitest.mjs',
  playwright: 'node_modules/playwright/cli.js',
  vite: 'node_modules/vite/bin/vite.js',
  electronVite: 'node_modules/electron-vite/bin/electron-vite.js',
}

/** The environment for npm itself: without our own .bin, else `npm ci` runs on the Node it is about to delete. */
export function outerEnv() {
  const path = (process.env.PATH ?? '').split(delimiter)
  return { ...process.env, PATH: path.filter((entry) => !entry.includes('node_modules')).join(delimiter) }
}

/** The environment for everything else: Node 24 first, so that children of children find it too. */
export function innerEnv() {
  const path = [dirname(node24), process.env.PATH].filter(Boolean).join(delimiter)
  return { ...process.env, PATH: path }
}

/**
 * Runs a program with its output streamed and resolves to its exit code (null: killed or timed out).
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, timeout?: number, shell?: boolean }} [options]
 * @returns {Promise<number | null>}
 */
export function run(command, args, { env = innerEnv(), timeout, shell = false } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, env, shell, stdio: 'inherit' })
    const timer = timeout === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeout)
    const finish = (code) => {
      clearTimeout(timer)
      done(code)
    }
    child.on('error', (error) => {
      console.error(error.message)
      finish(127)
    })
    child.on('exit', finish)
  })
}

/** Runs a program beside others and resolves to its exit code and everything it printed. */
export function capture(command, args) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, env: innerEnv(), stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text) => (output += text))
    }
    child.on('error', (error) => done({ code: 127, output: error.message }))
    child.on('close', (code) => done({ code, output }))
  })
}

/** Is a program on the PATH? */
export function onPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((entry) => existsSync(join(entry, name)))
}
