/** A processor profile of the timed part alone; the preparation would drown it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { join } from 'node:path'

const SAMPLE_MICROSECONDS = 250

let written = 0

export async function startProfile(folder: string): Promise<() => Promise<void>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROSECONDS })
  await session.post('Profiler.start')
  return async () => {
    const { profile } = await session.post('Profiler.stop')
    session.disconnect()
    mkdirSync(folder, { recursive: true })
    written += 1
    writeFileSync(join(folder, `${process.pid}-${written}.cpuprofile`), JSON.stringify(profile))
  }
}
