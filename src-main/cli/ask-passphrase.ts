/** Asks for a passphrase on the terminal without showing what is typed. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

export function askPassphrase(question: string): Promise<string> {
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY })
  return new Promise((resolve, reject) => {
    terminal.once('line', (line) => {
      resolve(line)
      terminal.close()
      process.stderr.write('\n')
    })
    terminal.once('close', () => {
      reject(new TypeError('No passphrase was given.'))
    })
  })
}
