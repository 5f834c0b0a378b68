/** The hash that ties what is applied to what was shown: over container, rows, expected versions and strategy. */
import { createHash } from 'node:crypto'
import { canonicalJson } from '../canonical-json.ts'
import { onlySignal, pace } from '../pace.ts'
import type { LongWork } from '@noy-db/hub'
import type { ImportPlan } from './types.ts'

/** A call of the hash costs as much as a row. */
const UPDATE_CHARS = 16 * 1024

/**
 * Row by row and in slices: a plan may hold as many bodies as a bundle. Rows are hashed as they stand, since every copy
 * of a plan keeps the order of members, and sorting those of each body again would take a tenth of an apply.
 */
export async function hashPlan(plan: Omit<ImportPlan, 'hash'>, work?: LongWork): Promise<string> {
  const slices = pace(onlySignal(work))
  const hash = createHash('sha256')
  const { containerSha256, perVault, counts, party = null, sender, taken = null } = plan
  hash.update(
    canonicalJson({ containerSha256, perVault, counts, party, taken, exchangeId: sender.exchangeId }),
  )
  let text = ''
  for (const row of plan.rows) {
    await slices.step()
    text += JSON.stringify(row)
    if (text.length < UPDATE_CHARS) continue
    hash.update(text)
    text = ''
  }
  hash.update(text)
  for (const [vault, collections] of Object.entries(plan.expectedVersions)) {
    for (const [collection, versions] of Object.entries(collections)) {
      await slices.step()
      hash.update(JSON.stringify([vault, collection, versions]))
    }
  }
  return hash.digest('hex')
}
