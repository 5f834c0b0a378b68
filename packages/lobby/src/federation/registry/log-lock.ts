/** One writer of the deployment log at a time within an instance; others are met by compare-and-set. */
import type { Noydb } from '@noy-db/hub/kernel'
import { Queue } from '../queue.ts'

const queues = new WeakMap<Noydb, Queue>()

export function lockFor(db: Noydb): Queue {
  let queue = queues.get(db)
  if (queue === undefined) queues.set(db, (queue = new Queue()))
  return queue
}
