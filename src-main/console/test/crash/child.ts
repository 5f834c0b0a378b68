/** Runs the steps on a workspace and says on standard output when each is acknowledged. Made to be killed. */
import path from 'node:path'
import { createConsole } from '../../console.ts'
import { steps } from './steps.ts'

const [, , file = '', bundle = '', keys = '', passphrase = ''] = process.argv
const console_ = createConsole({
  file,
  host: 'loopback',
  resourcesDir: path.resolve(import.meta.dirname, '../../../../resources'),
  kdf: { memoryKiB: 8, passes: 1, parallelism: 1 },
  emit: () => undefined,
})
await console_.workspace.unlock(passphrase)
process.stdout.write('unlocked\n')
for (const [at, step] of steps.entries()) {
  await step(console_, { bundle, keys })
  process.stdout.write(`ack ${at + 1}\n`)
}
process.stdout.write('finished\n')
await console_.close()
