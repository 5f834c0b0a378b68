/** The wizard over real services: a bundle of two clients waits in the file dialog, one of them known here. */
import { describe, expect, it } from 'vitest'
import type { PlanRow } from '../../src-shared/ipc/imports.ts'
import { api } from '../lib/api.ts'
import { beginWorkspace, changedByBoth, type InvoiceSeed, type TestCable } from '../testing/cable.ts'
import { ImportWizard } from './import-wizard.svelte.ts'

const known = 'clients--VINET'
const invalid: InvoiceSeed = { ours: {}, theirs: { issueDate: 'soon' } }

async function start(invoices: readonly InvoiceSeed[] = [changedByBoth]) {
  const cable = await beginWorkspace({ invoices, waiting: true })
  return { cable, wizard: new ImportWizard() }
}

async function choose(purpose: 'bundle' | 'keys') {
  const file = await api.files.choose({ purpose })
  if (!file) throw new Error('the dialog offers a file')
  return file
}

async function upToClients(invoices?: readonly InvoiceSeed[]) {
  const started = await start(invoices)
  await started.wizard.inspect(await choose('bundle'))
  await started.wizard.useKeyFile(await choose('keys'))
  return started
}

/** The known client only. */
async function upToCheck(invoices?: readonly InvoiceSeed[]) {
  const started = await upToClients(invoices)
  started.wizard.targets[1]!.choice = 'skip'
  await started.wizard.check()
  return started
}

const names = (cable: TestCable) => cable.calls.map(({ name }) => name)
const keyOf = ({ vault, collection, id }: PlanRow) => ({ vault, collection, id })

describe('ImportWizard', () => {
  it('shows the header before it asks for a key', async () => {
    const { wizard, cable } = await start()
    await wizard.inspect(await choose('bundle'))
    expect(wizard.step).toBe('sender')
    expect(wizard.bundle?.sender).toMatchObject({
      state: 'unknown',
      party: 'Harbour Bookkeeping',
      sequence: 1,
    })
    // What the office chose last is asked for beside it, and may answer later.
    const asked = names(cable).filter((name) => name !== 'imports.strictness')
    expect(asked).toEqual(['files.choose', 'imports.inspect'])
  })

  it('stays at the file when it cannot be read', async () => {
    const { wizard } = await start()
    await wizard.inspect(await choose('keys'))
    expect(wizard.step).toBe('file')
    expect(wizard.failure).toMatchObject({ code: 'NOT_A_BUNDLE' })
  })

  it('suggests the known client and wants a name for a new one', async () => {
    const { wizard } = await start()
    await wizard.inspect(await choose('bundle'))
    expect(wizard.targets.map(({ choice }) => choice)).toEqual([known, 'new'])
    expect([wizard.targets[1]?.newName, wizard.mapped]).toEqual(['Bon app', true])
    wizard.targets[1]!.newName = ' '
    expect(wizard.mapped).toBe(false)
  })

  it('plans what was mapped, without what is left out', async () => {
    const { wizard, cable } = await upToCheck()
    expect(wizard.step).toBe('check')
    const [{ handle } = { handle: '' }] = wizard.targets
    expect(cable.asked('imports.plan')[0]?.into).toEqual([{ handle, vaultId: known, strategy: 'three-way' }])
    expect(wizard.plan?.counts).toMatchObject({ queue: 1, insert: 0 })
  })

  it('goes back to the key when it is none', async () => {
    const { wizard } = await upToClients()
    wizard.useKeyText('a letter, not a key')
    await wizard.check()
    expect(wizard.step).toBe('key')
    expect(wizard.failure).toMatchObject({ code: 'KEY_INVALID' })
  })

  it('applies only when every refused row is left out, and names those rows', async () => {
    const { wizard, cable } = await upToCheck([invalid, invalid, changedByBoth])
    const rows = wizard.plan?.refused ?? []
    expect([rows.length, wizard.canApply]).toEqual([2, false])
    wizard.exclude(rows.slice(0, 1), true)
    expect(wizard.unresolved).toEqual(rows.slice(1))
    await wizard.apply('')
    expect(cable.asked('imports.apply')).toEqual([])
    wizard.exclude(rows, true)
    await wizard.apply(' agreed by phone ')
    const [applied] = cable.asked('imports.apply')
    expect(applied).toMatchObject({ reason: 'agreed by phone', exclude: rows.map(keyOf) })
    expect(wizard.step).toBe('done')
    expect(wizard.receipt?.excluded).toHaveLength(2)
  })

  it('checks again when records changed meanwhile, and imports nothing by itself', async () => {
    const { wizard, cable } = await upToCheck()
    const first = wizard.plan?.planId
    const key = { vaultId: known, collection: 'invoices', id: '10248' }
    const { record, version } = await api.clients.record(key)
    await api.clients.saveRecord({ ...key, record: { ...record, notes: 'x' }, expectedVersion: version })
    await wizard.apply('')
    expect(wizard.step).toBe('check')
    expect(wizard.plan?.planId).not.toBe(first)
    expect(wizard.recheckedBecauseStale).toBe(true)
    expect(cable.asked('imports.apply')).toHaveLength(1)
    expect(await api.imports.list()).toEqual([])
  })

  it('checks again with another treatment and gives the old plan back', async () => {
    const { wizard, cable } = await upToCheck()
    const first = wizard.plan?.planId
    await wizard.treat('take-incoming')
    expect(cable.asked('imports.discard')).toEqual([{ planId: first }])
    expect(cable.asked('imports.plan')[1]).toMatchObject({ into: [{ strategy: 'take-incoming' }] })
    expect(wizard.plan?.counts).toMatchObject({ queue: 0, update: 1 })
  })

  it('treats each client in its own way, or all the same', async () => {
    const { wizard } = await upToClients()
    await wizard.treat('keep-local', wizard.targets[1]?.handle)
    expect(wizard.targets.map(({ strategy }) => strategy)).toEqual(['three-way', 'keep-local'])
    expect(wizard.strategy).toBeNull()
    await wizard.treat('manual-queue')
    expect(wizard.strategy).toBe('manual-queue')
  })

  it('asks nothing about a file taken before, and takes nothing of it twice', async () => {
    const { wizard } = await upToCheck()
    await wizard.apply('')
    const again = new ImportWizard()
    await again.inspect(await choose('bundle'))
    expect(again.bundle?.sender.sequenceState).toBe('replay')
    expect(again.bundle?.alreadyImported).not.toBeNull()
    expect([again.doubts.sequence, again.sure]).toEqual([false, true])
  })

  it('goes back to a step already done, never forward and never from the receipt', async () => {
    const { wizard } = await upToCheck()
    wizard.back('done')
    expect(wizard.step).toBe('check')
    wizard.back('sender')
    expect([wizard.step, wizard.plan]).toEqual(['sender', undefined])
    await wizard.useKeyFile(await choose('keys'))
    await wizard.check()
    await wizard.apply('')
    wizard.back('file')
    expect(wizard.step).toBe('done')
  })

  it('gives the plan back when the person leaves', async () => {
    const { wizard, cable } = await upToCheck()
    wizard.dispose()
    expect(cable.asked('imports.discard')).toHaveLength(1)
  })
})
