/** A campaign killed at any of its steps is taken up by the next runner: nothing lost, nothing twice, every shard accounted for. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  verifyShardSnapshot,
  type CampaignReport,
  type CampaignRow,
  type StartOptions,
} from '../src/index.ts'
import { openCampaignFirm, type CampaignFirm } from './campaign-firm.ts'

// A process for each step, on a machine that may do other things.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 })

const CLIENTS = ['acme', 'bolt'] as const
const RECORDS = 5
/** The dead runner's lease, and its right to cut over, have run out by then. */
const LATER = 120_000
let [folder, made] = ['', '']

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'campaign-'))
  made = join(folder, 'made')
  mkdirSync(made)
  const firm = await openCampaignFirm(join(made, 'firm.db'), { version: 1 })
  for (const client of CLIENTS) {
    const rows = Array.from({ length: RECORDS }, (_, net) => ({ id: `${net}`, record: { client, net } }))
    await firm.group.collection('bills').putMany(rows)
    await (await firm.group.shard(client))._drainPendingSchemaWrites()
  }
  await firm.close()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the child printed before its end; nothing when it was killed. */
function child(own: string, ...options: string[]): Promise<string> {
  const script = join(import.meta.dirname, 'campaign-child.ts')
  const args = [script, join(own, 'firm.db'), join(own, 'snapshots'), ...options]
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, (error, stdout, stderr) => {
      if (error !== null && error.signal !== 'SIGKILL') reject(new Error(stderr, { cause: error }))
      else resolve(stdout.trim())
    })
  })
}

function copyOf(from: string, name: string): string {
  const own = join(folder, name)
  cpSync(from, own, { recursive: true })
  return own
}

async function bills(firm: CampaignFirm, client: string): Promise<unknown[]> {
  const vault = await firm.group.db.openVault(`firm--${client}`, { create: false })
  const inside = vault._introspectState()
  await inside.getDEK('bills')
  const ids = (await inside.adapter.list(vault.name, 'bills')).sort()
  const found = await inside.adapter.getMany?.(vault.name, 'bills', ids)
  return ids.map((id, at) => {
    const envelope = found?.[at]
    return envelope ? inside.openEnvelope('bills', id, envelope) : null
  })
}

const bodies = (client: string, version: 1 | 2) =>
  Array.from({ length: RECORDS }, (_, net) =>
    version === 1 ? { client, net } : { client, netMinor: net * 100 },
  )

async function expectSound(firm: CampaignFirm, version: 1 | 2): Promise<void> {
  const rows = await firm.group.allRows()
  expect(rows.map(({ schemaVersion }) => schemaVersion)).toEqual([version, version])
  for (const client of CLIENTS) {
    expect(await bills(firm, client)).toEqual(bodies(client, version))
    const vault = await firm.group.db.openVault(`firm--${client}`, { create: false })
    expect((await vault.audit.verify()).ok).toBe(true)
  }
  const state = await firm.lobby.openStateManagementVault()
  expect((await state.verifyEvents()).ok).toBe(true)
}

/** What a runner that died left: each shard in one state, its registry row agreeing with its records. */
async function expectAccounted(firm: CampaignFirm): Promise<void> {
  const [known] = await firm.campaigns.list()
  if (known === undefined) return
  const { shards } = await firm.campaigns.report(known.id)
  expect(shards.map(({ partitionKey }) => partitionKey).sort()).toEqual([...CLIENTS])
  const rows = new Map((await firm.group.allRows()).map((row) => [row.partitionKey, row.schemaVersion]))
  for (const { partitionKey, state, snapshot } of shards) {
    const stored = await bills(firm, partitionKey)
    expect([bodies(partitionKey, 1), bodies(partitionKey, 2)]).toContainEqual(stored)
    if (state === 'done') expect(rows.get(partitionKey)).toBe(2)
    if (rows.get(partitionKey) === 2) expect(stored).toEqual(bodies(partitionKey, 2))
    if (state === 'migrating') expect(snapshot).toBeDefined()
  }
}

/** As a person would: start where nothing was recorded, else resume, and try again what failed. */
async function goOn(
  { campaigns }: CampaignFirm,
  known: CampaignRow | undefined,
  settings: StartOptions,
): Promise<CampaignReport> {
  let report: CampaignReport
  if (known === undefined) report = await campaigns.start(await campaigns.plan(), settings)
  else if (known.state === 'done') report = await campaigns.report(known.id)
  else report = await campaigns.resume(known.id)
  for (const { state, partitionKey } of report.shards)
    if (state === 'failed') report = await campaigns.retry(report.campaign.id, partitionKey)
  return report
}

async function finish(own: string): Promise<void> {
  const firm = await openCampaignFirm(join(own, 'firm.db'), { version: 2, later: LATER })
  try {
    await expectAccounted(firm)
    const [known] = await firm.campaigns.list()
    const report = await goOn(firm, known, { snapshotFolder: join(own, 'snapshots') })
    expect(report).toMatchObject({ campaign: { state: 'done' }, counts: { done: 2 }, runner: null })
    await expectSound(firm, 2)
    for (const { snapshot } of report.shards) {
      const proof = await verifyShardSnapshot(snapshot?.file ?? '', { db: firm.group.db })
      expect(proof.collections['bills']).toBe(RECORDS)
    }
    expect(readdirSync(join(own, 'snapshots')).filter((name) => name.endsWith('.partial'))).toEqual([])
    await firm.campaigns.restore(report.campaign.id) // of every shard, to what it was before
    await expectSound(firm, 1)
  } finally {
    await firm.close()
  }
}

describe.each(['write', 'progress'])('killed at a %s', (moment) => {
  it('the next runner finishes it, and everything can still be put back', async () => {
    let killed = 0
    for (let nth = 1; ; nth += 1) {
      const own = copyOf(made, `${moment}-${nth}`)
      const printed = await child(own, 'run', moment, `${nth}`)
      if (printed !== '') {
        expect(printed).toBe('survived done')
        break
      }
      killed += 1
      await finish(own)
      rmSync(own, { recursive: true })
    }
    expect(killed).toBeGreaterThan(6)
  })
})

it('a restore that is killed is either not there or whole, shard by shard', async () => {
  const migrated = copyOf(made, 'migrated')
  expect(await child(migrated, 'run', 'never')).toBe('survived done')
  let killed = 0
  for (let nth = 1; ; nth += 1) {
    // The rows name the snapshots of the first folder, which stay there.
    const own = copyOf(migrated, `restore-${nth}`)
    const printed = await child(own, 'restore', 'write', `${nth}`)
    if (printed !== '') {
      expect(printed).toBe('survived 2')
      break
    }
    killed += 1
    const firm = await openCampaignFirm(join(own, 'firm.db'), { version: 2, later: LATER })
    try {
      const [known] = await firm.campaigns.list()
      const { shards } = await firm.campaigns.report(known?.id ?? '')
      for (const { partitionKey, state } of shards)
        expect(await bills(firm, partitionKey)).toEqual(bodies(partitionKey, state === 'restored' ? 1 : 2))
      await firm.campaigns.restore(known?.id ?? '')
      await expectSound(firm, 1)
    } finally {
      await firm.close()
    }
  }
  expect(killed).toBeGreaterThan(2)
})

it.each([1, 3, 5])(
  'a disk that is full after %i pages stops it; with more room it goes on',
  async (growthPages) => {
    const own = copyOf(made, `full-${growthPages}`)
    const firm = await openCampaignFirm(join(own, 'firm.db'), { version: 2, growthPages })
    const settings = { snapshotFolder: join(own, 'snapshots'), concurrency: 1 }
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined) // what it could not tidy up
    const plan = await firm.campaigns.plan()
    const outcome = await firm.campaigns.start(plan, settings).catch((error: unknown) => ({ error }))
    warn.mockRestore()
    await firm.close()
    if ('error' in outcome) expect(outcome.error).toMatchObject({ code: 'STORE_FULL' })
    else expect(outcome.campaign.state).toBe('stopped')
    await finish(own)
  },
)
