/** Migrates the shard of a file and dies, with no chance to tidy up, before or after its nth write. Prints "survived" if it does. */
import type { NoydbStore } from '@noy-db/hub'
import { openMigrationFirm } from './migration-firm.ts'

const [file = '', moment = 'before', nth = '1'] = process.argv.slice(2)
let isArmed = false
let writes = 0

function die(when: string): void {
  if (isArmed && when === moment && writes === Number(nth)) process.kill(process.pid, 'SIGKILL')
}

function deadly(inner: NoydbStore): NoydbStore {
  return new Proxy(inner, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function' || !['put', 'delete', 'tx'].includes(String(name))) return member
      return async (...args: unknown[]): Promise<unknown> => {
        if (isArmed) writes += 1
        die('before')
        const result: unknown = await Reflect.apply(member, target, args)
        die('after')
        return result
      }
    },
  })
}

const firm = await openMigrationFirm(file, 2, { wrap: deadly })
isArmed = true
const { status } = await firm.group.migrateShard('acme')
isArmed = false
console.log(`survived ${status}`)
await firm.close()
