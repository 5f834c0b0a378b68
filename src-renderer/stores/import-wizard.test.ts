import { describe, expect, it } from 'vitest'
import type { BundleView, PlanRow, PlanView } from '../../src-shared/ipc/imports.ts'
import { connectApi } from '../lib/api.ts'
import { MemoryTransport } from '../testing/memory-transport.ts'
import { ImportWizard } from './import-wizard.svelte.ts'

const none = { insert: 0, update: 0, merge: 0, keep: 0, queue: 0, equal: 0, refuse: 0 }
const sender: BundleView['sender'] = {
  state: 'known',
  sequenceState: 'next',
  party: 'Harbour',
  fingerprint: 'abcd',
  sequence: 7,
  lastSequence: 6,
  knownSince: null,
  createdAt: null,
}
const file = { handle: 'f1', name: 'may.noydb', bytes: 10 }
const compartment = { bytes: 5, records: 3, collections: null, exportedAt: null }
const bundle: BundleView = {
  file,
  sha256: 'ff',
  sender,
  alreadyImported: null,
  compartments: [
    { ...compartment, handle: 'h1', name: 'Alfreds', suggestedVaultId: 'v1' },
    { ...compartment, handle: 'h2', name: null, suggestedVaultId: null },
  ],
}
const refusedRow = (id: string): PlanRow => ({
  vault: 'v1',
  collection: 'invoices',
  id,
  vaultName: 'Alfreds',
  title: `Invoice ${id}`,
  outcome: 'refuse',
  fields: [],
  fault: { code: 'SCHEMA', message: 'no date' },
})
const plan = (planId: string, refused: PlanRow[] = []): PlanView => ({
  planId,
  hash: planId,
  sender,
  perVault: [
    { vault: 'v1', name: 'Alfreds', handle: 'h1', isNew: false, strategy: 'three-way', counts: none },
  ],
  counts: none,
  refused,
})

type Handlers = NonNullable<ConstructorParameters<typeof MemoryTransport>[0]>

function start(handlers: Handlers = {}) {
  const transport = new MemoryTransport({
    'imports.inspect': () => bundle,
    'imports.plan': () => plan('p1'),
    'imports.apply': () => ({ importId: 'i1', appliedAt: '', counts: none, perVault: [], excluded: [] }),
    'imports.discard': () => ({}),
    ...handlers,
  })
  connectApi(transport)
  return { transport, wizard: new ImportWizard() }
}

async function upToCheck(handlers: Handlers = {}) {
  const started = start(handlers)
  const { wizard } = started
  await wizard.inspect(file)
  wizard.useKeyFile({ handle: 'k1', name: 'may.keys.json', bytes: 1 })
  const second = wizard.targets[1]
  if (second) second.choice = 'skip'
  await wizard.check()
  return started
}

const refuse = (code: string) => () => {
  throw Object.assign(new Error(code), { code })
}

describe('ImportWizard', () => {
  it('shows the header before it asks for a key', async () => {
    const { wizard, transport } = start()
    await wizard.inspect(file)
    expect(wizard.step).toBe('sender')
    expect(transport.calls.map(({ name }) => name)).toEqual(['imports.inspect'])
  })

  it('stays at the file when it cannot be read', async () => {
    const { wizard } = start({ 'imports.inspect': refuse('NOT_A_BUNDLE') })
    await wizard.inspect(file)
    expect(wizard.step).toBe('file')
    expect(wizard.failure).toMatchObject({ code: 'NOT_A_BUNDLE' })
  })

  it('suggests the known client and wants a name for a new one', async () => {
    const { wizard } = start()
    await wizard.inspect(file)
    expect(wizard.targets.map(({ choice }) => choice)).toEqual(['v1', 'new'])
    expect(wizard.mapped).toBe(false)
    wizard.targets[1]!.newName = 'Bon app'
    expect(wizard.mapped).toBe(true)
  })

  it('plans what was mapped, without what is left out', async () => {
    const { wizard, transport } = await upToCheck()
    expect(wizard.step).toBe('check')
    expect(transport.named('imports.plan')[0]?.input).toEqual({
      bundle: 'f1',
      keys: { handle: 'k1' },
      into: [{ handle: 'h1', vaultId: 'v1', strategy: 'three-way' }],
    })
  })

  it('goes back to the key when it is the wrong one', async () => {
    const { wizard } = await upToCheck({ 'imports.plan': refuse('KEY_OF_OTHER_BUNDLE') })
    expect(wizard.step).toBe('key')
    expect(wizard.failure).toMatchObject({ code: 'KEY_OF_OTHER_BUNDLE' })
  })

  it('applies only when every refused row is left out, and names those rows', async () => {
    const rows = [refusedRow('1'), refusedRow('2')]
    const { wizard, transport } = await upToCheck({ 'imports.plan': () => plan('p1', rows) })
    expect(wizard.canApply).toBe(false)
    wizard.exclude([rows[0]!], true)
    expect(wizard.unresolved).toEqual([rows[1]])
    await wizard.apply('')
    expect(transport.named('imports.apply')).toEqual([])
    wizard.exclude(rows, true)
    await wizard.apply(' agreed by phone ')
    expect(transport.named('imports.apply')[0]?.input).toEqual({
      planId: 'p1',
      reason: 'agreed by phone',
      exclude: [
        { vault: 'v1', collection: 'invoices', id: '1' },
        { vault: 'v1', collection: 'invoices', id: '2' },
      ],
    })
    expect(wizard.step).toBe('done')
  })

  it('checks again when records changed meanwhile, and imports nothing by itself', async () => {
    let checks = 0
    const { wizard, transport } = await upToCheck({
      'imports.plan': () => plan(`p${++checks}`),
      'imports.apply': refuse('PLAN_STALE'),
    })
    await wizard.apply('')
    expect(wizard.step).toBe('check')
    expect(wizard.plan?.planId).toBe('p2')
    expect(wizard.recheckedBecauseStale).toBe(true)
    expect(transport.named('imports.apply')).toHaveLength(1)
  })

  it('checks again with another treatment and gives the old plan back', async () => {
    const { wizard, transport } = await upToCheck()
    await wizard.treat('take-incoming')
    expect(transport.named('imports.discard')[0]?.input).toEqual({ planId: 'p1' })
    expect(transport.named('imports.plan')[1]?.input).toMatchObject({ into: [{ strategy: 'take-incoming' }] })
  })

  it('treats each client in its own way, or all the same', async () => {
    const { wizard } = start()
    await wizard.inspect(file)
    await wizard.treat('keep-local', 'h2')
    expect(wizard.targets.map(({ strategy }) => strategy)).toEqual(['three-way', 'keep-local'])
    expect(wizard.strategy).toBeNull()
    await wizard.treat('manual-queue')
    expect(wizard.strategy).toBe('manual-queue')
  })

  it('asks for a changed key and a broken sequence, each by itself', async () => {
    const doubtful = { ...sender, state: 'changed', sequenceState: 'fork' } as const
    const { wizard, transport } = await upToCheck({
      'imports.plan': () => ({ ...plan('p1'), sender: doubtful }),
    })
    expect([wizard.doubts, wizard.canApply]).toEqual([{ key: true, sequence: true }, false])
    wizard.acceptsKey = true
    expect(wizard.canApply).toBe(false)
    wizard.acceptsSequence = true
    await wizard.apply('')
    expect(transport.named('imports.apply')[0]?.input).toEqual({
      planId: 'p1',
      exclude: [],
      acceptChangedSender: true,
      acceptSequence: true,
    })
  })

  it('does not ask about a gap, nor about a file taken before', async () => {
    const replay = { ...sender, sequenceState: 'replay' } as const
    const again = { ...bundle, sender: replay, alreadyImported: { importId: 'i0', at: '' } }
    const { wizard } = start({ 'imports.inspect': () => again })
    await wizard.inspect(file)
    expect([wizard.doubts.sequence, wizard.sure]).toEqual([false, true])
  })

  it('goes back to a step already done, never forward and never from the receipt', async () => {
    const { wizard } = await upToCheck()
    wizard.back('done')
    expect(wizard.step).toBe('check')
    wizard.back('sender')
    expect(wizard.step).toBe('sender')
    expect(wizard.plan).toBeUndefined()
    const other = await upToCheck()
    await other.wizard.apply('')
    other.wizard.back('file')
    expect(other.wizard.step).toBe('done')
  })

  it('gives the plan back when the person leaves', async () => {
    const { wizard, transport } = await upToCheck()
    wizard.dispose()
    expect(transport.named('imports.discard')).toHaveLength(1)
  })
})
