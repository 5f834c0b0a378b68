/** A read done by us from a vault of ours, and by the peers from the same rows in a file of theirs. */
import type { Contestant, Question } from './bench.ts'
import { RECORDS } from './bench.ts'
import { invoiceId, makeInvoices } from './invoices.ts'
import { Peer, peerNames, type PeerKind } from './peer.ts'
import { copyOf, removeFile, scratchFile } from './scratch.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

export interface Reading {
  readonly title: string
  readonly written: string
  readonly large?: boolean
  warm?(workspace: Workspace): Promise<unknown>
  ours(workspace: Workspace, count: number): Promise<number>
  peer(peer: Peer, count: number): number
}

export function readQuestion(reading: Reading): Question {
  const { title, written } = reading
  const peers = (['raw', 'cipher', 'sealed'] as const).map((kind) => peerReader(kind, reading))
  return { title, durability: '-', written, count: RECORDS, contestants: [...peers, ourReader(reading)] }
}

const filled = new Map<number, Promise<string>>()

/** A closed workspace file with that many invoices. */
export function filledFile(count: number): Promise<string> {
  const known = filled.get(count) ?? fill(count)
  filled.set(count, known)
  return known
}

async function fill(count: number): Promise<string> {
  const file = scratchFile()
  const { invoices, close } = await openWorkspace({ file })
  await invoices.putMany(makeInvoices(count).map((record) => ({ id: record.id, record })))
  await close()
  return file
}

function ourReader(reading: Reading): Contestant {
  return {
    role: 'ours',
    name: 'hub on to-sqlite',
    async prepare(count) {
      const file = copyOf(await filledFile(count))
      const workspace = await openWorkspace({ file, large: reading.large ?? false })
      return {
        warm: () => reading.warm?.(workspace),
        run: () => reading.ours(workspace, count),
        async end() {
          await workspace.close()
          removeFile(file)
        },
      }
    },
  }
}

function peerReader(kind: PeerKind, reading: Reading): Contestant {
  return {
    role: kind === 'sealed' ? 'floor' : kind,
    name: peerNames[kind],
    prepare(count) {
      const file = scratchFile()
      const peer = new Peer(file, kind, 'NORMAL')
      peer.fill(PEER_COLLECTION, makeInvoices(count))
      return {
        run: () => reading.peer(peer, count),
        end() {
          peer.close()
          removeFile(file)
        },
      }
    },
  }
}

export const PEER_COLLECTION = 'client/invoices'

export function* idsOf(count: number): Generator<string> {
  // A stride that meets every id once, so that neither side reads its file from front to back.
  for (let at = 0; at < count; at += 1) yield invoiceId((at * 7_919) % count)
}
