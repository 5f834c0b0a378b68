/** Asks a person at the terminal for a yes. */
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** The two ends of a terminal, as a process has them. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: Writable
}

/** True for "y" or "yes"; anything else is a no, an end of input as well. False without a terminal, where nobody can be asked. */
export async function confirmed(
  question: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<boolean> {
  if (input.isTTY !== true) return false
  const terminal = createInterface({ input, output, terminal: false })
  output.write(`${question} [y/N] `)
  const answer = await new Promise<string>((resolve) => {
    terminal.once('line', resolve)
    terminal.once('close', () => {
      resolve('')
    })
  })
  terminal.close()
  return /^\s*y(es)?\s*$/i.test(answer)
}
