/** Long work cut so that the caller's thread is never held for more than a few milliseconds. */
import type { EncryptedEnvelope, TxOp, VaultSnapshot } from '@noy-db/hub/store'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Cell } from '../host/protocol.ts'
import { pushOp } from '../ops.ts'
import type { Call, HostClient } from './host-client.ts'

/** Building and sending a slice of this size takes about two milliseconds. */
const sliceOps = 1_000
const sliceChars = 500_000

/** Slices on their way at once: the host works on one while the next is built, and memory stays bounded. */
const slicesAhead = 4

type Slices = Iterable<Cell[]> | AsyncIterable<Cell[]>

/** Cuts operations into runs of cells. */
export function* slicesOf(ops: Iterable<TxOp>): Generator<Cell[]> {
  let cells: Cell[] = []
  let [count, chars] = [0, 0]
  for (const op of ops) {
    pushOp(cells, op)
    count += 1
    if (op.op === 'put') chars += op.envelope?._data.length ?? 0
    if (count < sliceOps && chars < sliceChars) continue
    yield cells
    cells = []
    count = chars = 0
  }
  if (cells.length > 0) yield cells
}

/** All or nothing: one message when it fits, else slices committed by the last message. */
export async function runTransaction(client: HostClient, ops: readonly TxOp[]): Promise<void> {
  const slices = slicesOf(ops)
  const first = slices.next()
  if (first.done) return
  const second = slices.next()
  if (second.done) return client.call('tx', first.value)
  const begun = [first.value, second.value]
  return client.alone((call) => commitSlices(call, chain(begun, slices)))
}

/** The same where the operations are still being made; the host works on each slice meanwhile. */
export function streamTransaction(
  client: HostClient,
  batches: AsyncIterable<readonly TxOp[]>,
): Promise<void> {
  return client.alone((call) => commitSlices(call, slicesOfBatches(batches)))
}

async function* slicesOfBatches(batches: AsyncIterable<readonly TxOp[]>): AsyncGenerator<Cell[]> {
  for await (const ops of batches) yield* slicesOf(ops)
}

/** Replaces what the vault's user collections hold, in one transaction. */
export function replaceVault(client: HostClient, vault: string, data: VaultSnapshot): Promise<void> {
  return client.alone((call) => commitSlices(call, slicesOf(putsOf(vault, data)), vault))
}

function* putsOf(vault: string, data: VaultSnapshot): Generator<TxOp> {
  for (const [collection, rows] of Object.entries(data)) {
    if (collection.startsWith('_')) continue
    for (const id of Object.keys(rows))
      yield { vault, collection, id, op: 'put', envelope: rows[id] as EncryptedEnvelope } // id is a key of rows
  }
}

async function commitSlices(call: Call, slices: Slices, drop?: string): Promise<void> {
  await call('txBegin')
  try {
    if (drop !== undefined) await call('txDropUserCollections', drop)
    await sendSlices(call, slices)
    await call('txCommit')
  } catch (error) {
    // After the host's own rollback this is a no-op; after a bad value found here it undoes the slices before.
    await call('txAbort').catch(() => undefined)
    throw error
  }
}

async function sendSlices(call: Call, slices: Slices): Promise<void> {
  const onTheWay: Array<Promise<void>> = []
  const failures: unknown[] = []
  for await (const slice of slices) {
    // The first failure is the cause; later slices only say that the transaction has ended.
    onTheWay.push(call('txSlice', slice).catch((error: unknown) => void failures.push(error)))
    if (onTheWay.length > slicesAhead) await onTheWay.shift()
    if (failures.length > 0) break
    await nextTurn()
  }
  await Promise.all(onTheWay)
  if (failures.length > 0) throw failures[0]
}

function* chain<T>(first: readonly T[], rest: Iterable<T>): Generator<T> {
  yield* first
  yield* rest
}
