/** What does a bundle of 10,000 records cost to plan and to apply, new ones and ones with 1,000 conflicts? */
import { applyImport, type ImportPlan } from '@klum-db/lobby'
import { RECORDS, type Contestant, type Question } from './lib/bench.ts'
import { bundlesOf, conflictsOf, plan, receiveFirst } from './lib/exchange.ts'
import { makeInvoice } from './lib/invoices.ts'
import { Peer, peerNames, type PeerKind } from './lib/peer.ts'
import { rehearsals, writeQuestion, type Scenario } from './lib/scenario.ts'
import { copyOf, removeFile, scratchFile } from './lib/scratch.ts'
import { openWorkspace, type Workspace } from './lib/workspace.ts'

const plans = new WeakMap<Workspace, ImportPlan>()

async function applyPlanned(workspace: Workspace): Promise<number> {
  const planned = plans.get(workspace)
  if (planned === undefined) throw new Error('Nothing was planned.')
  const { counts } = await applyImport(workspace.db, planned)
  return counts.insert + counts.update + counts.merge + counts.keep + counts.queue + counts.equal
}

const applyNew: Scenario = {
  title: 'apply a bundle',
  written: '10,000 new, history + audit',
  kept: true,
  warm: async (workspace, count) =>
    plans.set(workspace, await plan(workspace, (await bundlesOf(count)).first)),
  write: applyPlanned,
}

const applyConflicts: Scenario = {
  ...applyNew,
  written: '9,000 + 1,000 conflicts',
  fill: receiveFirst,
  warm: async (workspace, count) =>
    plans.set(workspace, await plan(workspace, (await bundlesOf(count)).second)),
}

/** Incoming, ours and the base of each record are read; nothing is written. */
const READ_PER_RECORD = ['incoming', 'ours', 'base']

function planQuestion(): Question {
  const peers = (['raw', 'cipher', 'sealed'] as const).map(peerReadsThrice)
  return {
    title: 'plan a bundle',
    durability: '-',
    written: 'reads incoming, ours, base: 30,000 bodies',
    count: RECORDS,
    contestants: [...peers, planner],
  }
}

const planner: Contestant = {
  role: 'ours',
  name: 'lobby on to-sqlite',
  async prepare(count) {
    const { second } = await bundlesOf(count)
    const file = copyOf((await rehearsals.of(applyConflicts, count)).file)
    const workspace = await openWorkspace({ file, kept: true })
    return {
      async run() {
        const { counts } = await plan(workspace, second)
        if (counts.queue !== conflictsOf(count)) throw new Error(`There are ${counts.queue} conflicts.`)
        return counts.queue + counts.update + counts.merge
      },
      async end() {
        await workspace.close()
        removeFile(file)
      },
    }
  },
}

function peerReadsThrice(kind: PeerKind): Contestant {
  return {
    role: kind === 'sealed' ? 'floor' : kind,
    name: peerNames[kind],
    prepare(count) {
      const file = scratchFile()
      const peer = new Peer(file, kind, 'NORMAL')
      for (const collection of READ_PER_RECORD)
        peer.fill(
          collection,
          Array.from({ length: count }, (_, at) => makeInvoice(at)),
        )
      return {
        run: () =>
          READ_PER_RECORD.reduce((sum, collection) => sum + peer.readAll(collection), 0) /
          READ_PER_RECORD.length,
        end() {
          peer.close()
          removeFile(file)
        },
      }
    },
  }
}

export const lobbyImport: Question[] = [
  planQuestion(),
  writeQuestion(applyNew, 'NORMAL'),
  writeQuestion(applyConflicts, 'NORMAL'),
  writeQuestion(applyConflicts, 'FULL'),
]
