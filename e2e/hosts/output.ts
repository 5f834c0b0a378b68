// Collects what a child prints and waits for the line that says it is ready.
import type { ChildProcessWithoutNullStreams } from 'node:child_process'

export function waitForLine(
  child: ChildProcessWithoutNullStreams,
  pattern: RegExp,
  timeout = 20_000,
): { found: Promise<RegExpExecArray>; output: () => string } {
  let output = ''
  const found = new Promise<RegExpExecArray>((done, fail) => {
    const timer = setTimeout(() => {
      fail(new Error(`The host did not print ${String(pattern)} in ${timeout} ms:\n${output}`))
    }, timeout)
    const collect = (chunk: Buffer): void => {
      output += chunk.toString()
      const match = pattern.exec(output)
      if (!match) return
      clearTimeout(timer)
      done(match)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', fail)
    child.on('exit', (code) => {
      clearTimeout(timer)
      fail(new Error(`The host ended with code ${String(code)}:\n${output}`))
    })
  })
  // A caller that fails before it waits must not turn this into an unhandled rejection.
  found.catch(() => undefined)
  return { found, output: () => output }
}
