/** The two bundles the bookkeeper sends back, below the folder of a test. */
import { join } from 'node:path'

export function received(dataDir: string, nth: 1 | 2): { bundle: string; keys: string } {
  const stem = join(dataDir, `from-bookkeeper-${nth}`)
  return { bundle: `${stem}.noydb`, keys: `${stem}.keys.json` }
}
