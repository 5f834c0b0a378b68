/** A write done by us and, row by row, by the peers. */
import type { Contestant, Durability, Question } from './bench.ts'
import { RECORDS } from './bench.ts'
import { Peer, peerNames, type PeerKind } from './peer.ts'
import { rowsOf, type PeerOp, type Transactions } from './recorded.ts'
import { copyOf, removeFile, scratchFile } from './scratch.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

export interface Scenario {
  readonly title: string
  /** Records it handles; default: as all benches. */
  readonly count?: number
  /** What each record costs, in words; the number of rows is added. */
  readonly written: string
  /** With history and audit. */
  readonly kept: boolean
  /** The state the write starts from. */
  fill?(workspace: Workspace, count: number): Promise<unknown>
  /** The write. Resolves to how many records it handled. */
  write(workspace: Workspace, count: number): Promise<number>
  /** Done in the session that writes, before the clock starts; the peers are not asked to write it. */
  warm?(workspace: Workspace, count: number): Promise<unknown>
}

interface Rehearsal {
  readonly file: string
  readonly fill: Transactions
  readonly write: Transactions
}

/** Once per scenario and count: the file before the write, and the rows of both steps. */
class Rehearsals {
  readonly #done = new Map<string, Promise<Rehearsal>>()

  of(scenario: Scenario, count: number): Promise<Rehearsal> {
    const key = `${scenario.title} ${scenario.written} ${count}`
    const known = this.#done.get(key) ?? rehearse(scenario, count)
    this.#done.set(key, known)
    return known
  }
}

export const rehearsals = new Rehearsals()

async function rehearse(scenario: Scenario, count: number): Promise<Rehearsal> {
  const file = scratchFile()
  const [fill, write]: [(readonly PeerOp[])[], (readonly PeerOp[])[]] = [[], []]
  const before = await openWorkspace({ file, kept: scenario.kept, record: fill })
  await scenario.fill?.(before, count)
  await before.close()
  const copy = copyOf(file)
  const after = await openWorkspace({ file: copy, kept: scenario.kept, record: write })
  await scenario.warm?.(after, count)
  write.length = 0
  await scenario.write(after, count)
  await after.close()
  removeFile(copy)
  return { file, fill, write }
}

export function writeQuestion(scenario: Scenario, durability: Durability): Question {
  const peers = (['raw', 'cipher', 'sealed'] as const).map((kind) => peer(scenario, kind, durability))
  const { count = RECORDS } = scenario
  return {
    title: scenario.title,
    durability,
    written: scenario.written,
    count,
    async amount() {
      const { write } = await rehearsals.of(scenario, count)
      return `${rowsOf(write)} rows, ${write.length} tx`
    },
    contestants: [...peers, ours(scenario, durability)],
  }
}

function peer(scenario: Scenario, kind: PeerKind, durability: Durability): Contestant {
  return {
    role: kind === 'sealed' ? 'floor' : kind,
    name: peerNames[kind],
    async prepare(count) {
      const { fill, write } = await rehearsals.of(scenario, count)
      const file = scratchFile()
      const db = new Peer(file, kind, durability)
      if (fill.length > 0) db.replay([fill.flat()])
      return {
        run() {
          db.replay(write)
          return count
        },
        end() {
          db.close()
          removeFile(file)
        },
      }
    },
  }
}

function ours(scenario: Scenario, durability: Durability): Contestant {
  return {
    role: 'ours',
    name: 'hub on to-sqlite',
    async prepare(count) {
      const file = copyOf((await rehearsals.of(scenario, count)).file)
      const workspace = await openWorkspace({ file, durability, kept: scenario.kept })
      return {
        warm: () => scenario.warm?.(workspace, count),
        run: () => scenario.write(workspace, count),
        async end() {
          await workspace.close()
          removeFile(file)
        },
      }
    },
  }
}
