import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { UnknownShardError, type WriteEvent } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { failingStore, fillFirm, openDb, openFirm, type Firm } from '../federation/fixture-firm.ts'
import { main, parseArgs } from './cli.ts'
import { groupInspector } from './inspector.ts'
import { meterGroup } from './meter.ts'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Shards `a` and `b` of ours, and one of bob's. */
async function firmWithForeignShard(store = memory()): Promise<Firm> {
  const firm = await openFirm({ store })
  await fillFirm(firm, { a: 2, b: 1 })
  await (await openDb(store, { user: 'bob' })).openVault('firm--bobs')
  const [row] = await firm.group.allRows()
  await firm.group.registry.put('firm--bobs', { ...row!, vaultId: 'firm--bobs', partitionKey: 'bobs' })
  return firm
}

describe('groupInspector', () => {
  it('lists what this user can open, with the role, and opens nothing else', async () => {
    const { group, store } = await firmWithForeignShard()
    const inspector = groupInspector(group)
    expect(await inspector.listAccessibleVaults()).toEqual([
      { id: 'firm--a', role: 'owner' },
      { id: 'firm--b', role: 'owner' },
    ])
    expect(await (await inspector.openVault('firm--a')).collection('bills').count()).toBe(2)
    for (const name of ['firm--none', 'elsewhere']) {
      await expect(inspector.openVault(name)).rejects.toThrow(UnknownShardError)
      expect(await store.list(name, '_keyring')).toEqual([])
    }
  })

  it('forwards writes of the shards, those made later included, and of nothing else', async () => {
    const { group, db } = await openFirm()
    const inspector = groupInspector(group)
    const seen = vi.fn<(event: WriteEvent) => void>()
    const stop = inspector.onAfterWrite(seen)
    await group.collection('bills').put('b', { client: 'late', net: 1 })
    await (await db.openVault('elsewhere')).collection('bills').put('b', {})
    stop()
    await group.collection('bills').put('c', { client: 'late', net: 1 })
    expect(seen.mock.calls.map(([{ vault, docId }]) => [vault, docId])).toEqual([['firm--late', 'b']])
    expect(inspector.writeQueue.depth).toBe(0)
    inspector.onWriteConflict(() => undefined)()
  })
})

describe('meterGroup', () => {
  it.each(['with', 'without'])('counts what can be opened, on a store %s counts of its own', async (kind) => {
    const inner = memory()
    if (kind === 'without') Object.assign(inner, { stats: undefined })
    await firmWithForeignShard(inner)
    const store = failingStore(inner, (call, vault) => call === 'list' && vault === 'firm--b')
    const { group } = await openFirm({ store })
    await (await group.shard('a')).collection('partners').put('p', {})
    const report = await meterGroup(group)
    expect(report).toMatchObject({
      vaults: 1,
      collections: 2,
      records: 3,
      perShard: [{ vaultId: 'firm--a', partitionKey: 'a', schemaVersion: 1, collections: 2, records: 3 }],
      skipped: [
        { vaultId: 'firm--b', reason: 'error' },
        { vaultId: 'firm--bobs', reason: 'no-grant' },
      ],
    })
    expect((await meterGroup(group, { minVersion: 2 })).skipped).toHaveLength(3)
  })
})

/** A config over a firm in memory, made in the process that loads it. */
function writeConfig(): { folder: string; config: string } {
  const folder = mkdtempSync(join(tmpdir(), 'klum-'))
  folders.push(folder)
  const fixture = pathToFileURL(resolve(import.meta.dirname, '../federation/fixture-firm.ts')).href
  writeFileSync(
    join(folder, 'group.config.mjs'),
    `import { fillFirm, openFirm } from '${fixture}'
     export default async (name) => {
       if (name === 'broken') throw new Error('no such group')
       const firm = await openFirm()
       await fillFirm(firm, { a: 2, b: 1 })
       return firm.group
     }`,
  )
  return { folder, config: join(folder, 'group.config.mjs') }
}

async function klum(...argv: string[]): Promise<{ code: number; out: string[]; error: string[] }> {
  const [out, error]: [string[], string[]] = [[], []]
  const code = await main(argv, { out: (line) => out.push(line), error: (line) => error.push(line) })
  return { code, out, error }
}

describe('klum', () => {
  it('parses its words', () => {
    expect(parseArgs([])).toEqual({ command: '', meter: false, json: false, strict: false })
    expect(
      parseArgs(['inspect-group', 'x', '--group=g', '--vault=v=1', '--meter', '--odd', '--json', 'y']),
    ).toEqual({
      command: 'inspect-group',
      meter: true,
      json: true,
      strict: false,
      configPath: 'y',
      group: 'g',
      vault: 'v=1',
    })
  })

  it('inspects and meters, for people and for programs', async () => {
    const { config } = writeConfig()
    const inspected = await klum('inspect-group', config, '--vault=firm--a', '--meter')
    expect(inspected).toEqual({
      code: 0,
      out: [
        'group "firm" — 2 shard(s):',
        '  firm--a [owner]',
        '  firm--b [owner]',
        '  collections in firm--a: bills',
        'group "firm" — 2 vault(s), 1 collection(s), 3 record(s)',
        '  firm--a (a) v1: 1 coll, 2 rec',
        '  firm--b (b) v1: 1 coll, 1 rec',
      ],
      error: [],
    })
    const { out } = await klum('meter-group', config, '--json', '--strict')
    expect(JSON.parse(out.join(''))).toMatchObject({ group: 'firm', vaults: 2, records: 3, skipped: [] })
  })

  it('ends with a code that says what went wrong', async () => {
    const { config } = writeConfig()
    expect(await klum()).toMatchObject({
      code: 0,
      out: [expect.stringContaining('klum <inspect-group|meter-group>')],
    })
    expect(await klum('odd')).toMatchObject({ code: 1 })
    expect(await klum('inspect-group')).toMatchObject({
      code: 2,
      error: [expect.stringMatching(/^usage: klum inspect-group/)],
    })
    expect(await klum('meter-group', '--group=g')).toMatchObject({
      code: 2,
      error: [expect.stringMatching(/^usage: klum meter-group/)],
    })
    expect(await klum('meter-group', config, '--group=broken')).toMatchObject({
      code: 1,
      error: ['no such group'],
    })
    expect(await klum('inspect-group', config, '--vault=none')).toMatchObject({ code: 1 })
    expect(await klum('meter-group', './absent.mjs')).toMatchObject({ code: 1 })
    const { out, code } = await klum('inspect-group', config, '--vault=none', '--json')
    expect({ code, ...(JSON.parse(out.join('')) as object) }).toMatchObject({
      code: 1,
      error: { code: 'SHARD_UNKNOWN', message: expect.any(String) as unknown },
    })
  })

  it('runs through a link, with a path from the folder it is called in', async () => {
    const { folder } = writeConfig()
    symlinkSync(resolve(import.meta.dirname, '../../bin/klum'), join(folder, 'klum'))
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(folder, 'klum'), 'meter-group', 'group.config.mjs'],
      { cwd: folder },
    )
    expect(stdout).toContain('group "firm" — 2 vault(s)')
    const failed = promisify(execFile)(process.execPath, [join(folder, 'klum'), 'meter-group'], {
      cwd: folder,
    })
    await expect(failed).rejects.toMatchObject({ code: 2 })
  })
})
