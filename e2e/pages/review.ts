/** Deciding the Northwind queue as planned in `decisions.ts`. */
import { expect } from 'playwright/test'
import type { Choice, Conflict } from '../northwind/decisions.ts'
import type { ConflictsPage } from './conflicts-page.ts'

/** The two rules, in the order in which they are used. */
export const rules = ['rule-ship-to', 'rule-notes'] as const

type ByHand = Exclude<Choice, (typeof rules)[number]>

export function isByHand(choice: Choice): choice is ByHand {
  return choice !== 'rule-ship-to' && choice !== 'rule-notes'
}

/** Decides up to `most` of those that are decided by hand, in the order of the queue; the others are skipped. */
export async function decideByHand(
  conflicts: ConflictsPage,
  waiting: Map<string, Conflict>,
  most = Infinity,
): Promise<string[]> {
  const decided: string[] = []
  const byHand = [...waiting.values()].filter(({ choice }) => isByHand(choice)).length
  while (decided.length < Math.min(most, byHand)) {
    const id = await conflicts.current()
    const conflict = waiting.get(id)
    expect(conflict, `invoice ${id} waits for a decision`).toBeDefined()
    if (conflict && isByHand(conflict.choice)) {
      await conflicts.decide(conflict.choice)
      waiting.delete(id)
      decided.push(id)
    } else await conflicts.skip()
  }
  return decided
}
