/** One writer of the deployment log at a time within an instance; others are met by compare-and-set. */
import { Mutex, type Noydb } from '@noy-db/hub/kernel'

const queues = new WeakMap<Noydb, Mutex>()

export function lockFor(db: Noydb): Mutex {
  let queue = queues.get(db)
  if (queue === undefined) queues.set(db, (queue = new Mutex()))
  return queue
}
