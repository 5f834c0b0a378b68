/** The engine's queue over all clients, opened once per unlock. */
import { type ConflictQueue, openConflictQueue } from '@klum-db/lobby'
import type { RuleBook } from '../rules.ts'
import type { Open } from '../session.ts'

export interface QueueHolder {
  get(open: Open): Promise<ConflictQueue>
  drop(): void
}

export function createQueueHolder(rules: RuleBook): QueueHolder {
  let held: { readonly open: Open; readonly queue: Promise<ConflictQueue> } | null = null
  const drop = (): void => {
    const old = held
    held = null
    old?.queue.then(
      (queue) => {
        queue.close()
      },
      () => undefined, // it never opened, so there is nothing to close; whoever asked for it was told why
    )
  }
  return {
    drop,
    get(open) {
      if (held?.open === open) return held.queue
      drop()
      const vaults = [...open.templateNames.keys()]
      const queue = openConflictQueue(open.db, {
        vaults,
        declare: open.declare,
        rules: rules.rulesOf(open),
      })
      held = { open, queue }
      queue.catch(() => {
        if (held?.queue === queue) held = null // asked again, it may open
      })
      return queue
    },
  }
}
