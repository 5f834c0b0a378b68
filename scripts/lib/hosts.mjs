// Starts one of the two hosts, watches for its ready line and passes its output on.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { innerEnv, node24, root } from './project.mjs'

/** A host that printed nothing for this long is not coming up. */
const startTimeout = 60_000
/** With --once the window closes itself; this is for one that does not. */
const endTimeout = 15_000

/**
 * Starts a host and resolves when it is ready or has ended. Everything it prints is passed on, except that with
 * `once` its ready line is kept back: the caller prints exactly one.
 */
function launch(program, args, { once }) {
  const child = spawn(program, args, { cwd: root, env: innerEnv(), stdio: ['inherit', 'pipe', 'inherit'] })
  const ended = new Promise((done) => {
    child.on('exit', (code, signal) => done(code ?? (signal ? 1 : 0)))
    child.on('error', (error) => {
      console.error(error.message)
      done(127)
    })
  })
  const ready = new Promise((done) => {
    let pending = ''
    child.stdout.on('data', (chunk) => {
      const lines = `${pending}${chunk}`.split('\n')
      pending = lines.pop()
      for (const line of lines) {
        const isReady = /^ready\b/.test(line)
        if (!(once && isReady)) console.log(line)
        if (isReady) done(line)
      }
    })
    void ended.then(() => done(undefined))
    setTimeout(() => done(undefined), startTimeout).unref()
  })
  forwardSignals(child)
  return { child, ready, ended }
}

// Ctrl+C reaches the whole group by itself; a signal sent to this process alone has to be handed on.
function forwardSignals(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
}

/** Opens the window; `reason` says why it did not come up. */
export async function openElectron({ program, args }, { workspace, once }) {
  const own = [...(workspace ? [`--workspace=${workspace}`] : []), ...(once ? ['--once'] : [])]
  const host = launch(program, [...args, ...own], { once })
  const line = await host.ready
  if (line === undefined) {
    host.child.kill('SIGKILL')
    return { reason: `Electron ended before its window opened (exit code ${await host.ended}).` }
  }
  if (once) {
    console.log(line)
    setTimeout(() => host.child.kill('SIGTERM'), endTimeout).unref()
  }
  return { code: await host.ended }
}

/** Opens the loopback host; with `once` it also checks that the address answers with the renderer. */
export async function openLoopback({ workspace, port, once }) {
  const args = [join(root, 'out/serve/server.js')]
  if (workspace) args.push('--workspace', workspace)
  if (port) args.push('--port', port)
  const host = launch(node24, args, { once })
  const line = await host.ready
  if (line === undefined) {
    host.child.kill('SIGKILL')
    throw new Error(`The loopback host did not start (exit code ${await host.ended}).`)
  }
  if (!once) return host.ended
  try {
    await expectRenderer(line.split(' ')[1])
    console.log(line)
  } finally {
    host.child.kill('SIGTERM')
    await host.ended
  }
  return 0
}

async function expectRenderer(address) {
  const response = await fetch(address)
  const html = await response.text()
  if (!response.ok || !/<script[^>]+type="module"/.test(html)) {
    throw new Error(`${address} answered ${response.status} without the renderer.`)
  }
}
