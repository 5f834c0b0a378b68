/**
 * Runs a campaign over a file and dies, with no chance to tidy up: before its nth write to the store, or when it tells its nth
 * progress. Prints "survived" and the state if it does not. `restore` puts everything back instead.
 */
import type { NoydbStore } from '@noy-db/hub'
import { openCampaignFirm } from './campaign-firm.ts'

const [file = '', folder = '', what = 'run', moment = 'write', nth = '1'] = process.argv.slice(2)
const counts = { write: 0, progress: 0 }
let isArmed = false

function count(kind: 'write' | 'progress'): void {
  if (!isArmed) return
  counts[kind] += 1
  if (kind === moment && counts[kind] === Number(nth)) process.kill(process.pid, 'SIGKILL')
}

const WRITES = ['put', 'delete', 'tx', 'txStream']

function deadly(inner: NoydbStore): NoydbStore {
  return new Proxy(inner, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function' || !WRITES.includes(String(name))) return member
      return (...args: unknown[]): unknown => {
        count('write')
        return Reflect.apply(member, target, args)
      }
    },
  })
}

const firm = await openCampaignFirm(file, { version: 2, wrap: deadly })
const { campaigns } = firm
const [known] = await campaigns.list()
isArmed = true
if (what === 'restore') {
  const { counts: after } = await campaigns.restore(known?.id ?? '')
  isArmed = false
  console.log(`survived ${after.restored}`)
} else {
  const settings = { snapshotFolder: folder, concurrency: 1, onProgress: () => count('progress') }
  const { campaign } = await campaigns.start(await campaigns.plan(), settings)
  isArmed = false
  console.log(`survived ${campaign.state}`)
}
await firm.close()
