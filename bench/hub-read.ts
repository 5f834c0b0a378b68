/** What do a list of 10,000 records and 10,000 gets cost? */
import type { Question } from './lib/bench.ts'
import type { Peer } from './lib/peer.ts'
import { idsOf, PEER_COLLECTION, readQuestion, type Reading } from './lib/reading.ts'
import type { Workspace } from './lib/workspace.ts'

const readAll = (peer: Peer): number => peer.readAll(PEER_COLLECTION)

const list: Reading = {
  title: 'list',
  written: 'vault open, nothing cached',
  ours: async ({ invoices }) => (await invoices.list()).length,
  peer: readAll,
}

const listAgain: Reading = {
  ...list,
  title: 'list again',
  written: 'cached',
  warm: ({ invoices }) => invoices.list(),
}

const listLarge: Reading = { ...list, title: 'list large', written: 'large: never cached', large: true }

async function getEach({ invoices }: Workspace, count: number): Promise<number> {
  let found = 0
  for (const id of idsOf(count)) if ((await invoices.get(id)) !== null) found += 1
  return found
}

function peerGets(peer: Peer, count: number): number {
  let found = 0
  for (const id of idsOf(count)) if (peer.get(PEER_COLLECTION, id) !== undefined) found += 1
  return found
}

const get: Reading = {
  title: '10,000 gets',
  written: 'the first one fills the cache',
  ours: getEach,
  peer: peerGets,
}

/** As `useForAWhile` for writes. Records that are not there leave nothing in the cache. */
const ASKED_IN_VAIN = 4_000

async function askForAWhile({ invoices }: Workspace): Promise<void> {
  for (let at = 0; at < ASKED_IN_VAIN; at += 1) await invoices.get(`absent-${at}`)
}

const getLarge: Reading = {
  ...get,
  title: '10,000 gets, large',
  written: 'one row each, one after the other',
  large: true,
  warm: askForAWhile,
}

const getLargeAtOnce: Reading = {
  ...getLarge,
  written: 'one row each, 100 asked at once',
  async ours({ invoices }, count) {
    const ids = [...idsOf(count)]
    let found = 0
    for (let at = 0; at < count; at += 100) {
      const records = await Promise.all(ids.slice(at, at + 100).map((id) => invoices.get(id)))
      found += records.filter((record) => record !== null).length
    }
    return found
  },
}

export const hubRead: Question[] = [list, listAgain, listLarge, get, getLarge, getLargeAtOnce].map(
  readQuestion,
)
