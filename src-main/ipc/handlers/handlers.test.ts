import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { contract, type CallName, type InputOf, type OutputOf } from '../../../src-shared/ipc/contract.ts'
import { formatRecoveryCode } from '../../../src-shared/model/recovery-code.ts'
import {
  callContext,
  newWorkspace,
  passphrase,
  resourcesDir,
  testConsole,
  type TestConsole,
} from '../../console/test/fixture.ts'
import { registerContract } from '../register.ts'
import { createHandlers } from './index.ts'

const firm = { firmName: 'Alder & Co', userName: 'Anna Berger', passphrase }

type Call = ReturnType<typeof screen>['call']

/** Calls as a screen makes them; the registrar checks every answer against the contract. */
function screen() {
  const console = testConsole()
  const made = new Set<CallName>()
  const unforeseen: unknown[] = []
  const dispatch = registerContract({
    handlers: createHandlers(console),
    startJob: (jobId, call) => console.jobs.start(jobId, call),
    log: (_ref, error) => unforeseen.push(error),
    checkOutput: true,
  })
  async function call<Name extends CallName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
    made.add(name)
    const result = await dispatch({ id: `call-${made.size}`, name, input })
    if (!result.ok) throw Object.assign(new Error(result.error.message), result.error)
    // Parsed by the registrar against this very name.
    return result.value as OutputOf<Name>
  }
  return { console, call, made, unforeseen }
}

test('every call answers in the shape the contract declares', async () => {
  const { console, call, made, unforeseen } = screen()
  expect((await call('workspace.status', {})).state).toBe('absent')
  const { demo } = await call('workspace.create', { ...firm, demo: true })
  await call('workspace.lock', {})
  await call('workspace.unlock', { passphrase })
  const recoveryCode = formatRecoveryCode(new Uint8Array(20).fill(7))
  expect((await call('workspace.setRecoveryCode', { passphrase, recoveryCode })).recoverySince).not.toBeNull()
  await call('workspace.lock', {})
  await call('workspace.recover', { recoveryCode, passphrase: 'five plain words are here' })
  await call('workspace.changePassphrase', { current: 'five plain words are here', next: passphrase })
  await call('settings.save', { locale: 'en-GB' })
  await call('settings.get', {})

  const [client] = await call('clients.list', {})
  const vaultId = client?.vaultId ?? ''
  await call('clients.get', { vaultId })
  await call('clients.create', { name: 'New client', key: 'new' })
  const { rows: invoices } = await call('clients.records', { vaultId, collection: 'invoices' })
  const key = { vaultId, collection: 'invoices', id: invoices.at(0)?.id ?? '' }
  const { record, version } = await call('clients.record', key)
  await call('clients.saveRecord', { ...key, record: { ...record, notes: 'x' }, expectedVersion: version })

  const months = ['2026-01']
  await call('periods.close', { vaultIds: [vaultId], periods: { months } })
  expect((await call('periods.get', { vaultId })).months).toMatchObject([{ period: '2026-01' }])
  await call('periods.reopen', { vaultIds: [vaultId], months, reason: 'a late bill' })
  expect((await call('periods.exceptions', {})).rows).toEqual([])

  const [offered] = demo?.bundles ?? []
  const bundle = await console.files.register(offered?.bundle ?? '', 'bundle')
  const keys = await console.files.register(offered?.keys ?? '', 'keys')
  const view = await call('imports.inspect', { bundle: bundle.handle })
  const into = view.compartments.map(({ handle, suggestedVaultId }) => {
    return { handle, vaultId: suggestedVaultId ?? undefined, strategy: 'three-way' as const }
  })
  const request = { bundle: bundle.handle, keys: { handle: keys.handle }, into }
  expect((await call('imports.strictness', {})).byVault).toEqual({})
  const discarded = await call('imports.plan', request)
  await call('imports.discard', { planId: discarded.planId })
  const { planId } = await call('imports.plan', request)
  await call('imports.planRows', { planId, outcome: 'queue' })
  const { importId } = await call('imports.apply', { planId })
  expect((await call('imports.list', {})).map((row) => row.importId)).toEqual([importId])

  const { party } = view.sender
  expect(await call('exports.recipient', { party: party ?? '' })).toMatchObject({ takesSealedKeys: true })
  expect(await call('imports.keyForm', { keys: keys.handle })).toEqual({ form: 'file' })
  await call('conflicts.counts', {})
  const { rows } = await call('conflicts.list', {})
  for (const { vault, collection, conflictId } of rows) {
    await call('conflicts.get', { ref: { vault, collection, conflictId } })
  }
  const conflict = rows.at(0)
  if (conflict === undefined) throw new Error('the demo has conflicts')
  const ref = { vault: conflict.vault, collection: conflict.collection, conflictId: conflict.conflictId }
  const detail = await call('conflicts.get', { ref })
  const resolution = { kind: 'theirs' as const }
  await call('conflicts.preview', { ref, resolution })
  const seen = { expectRowVersion: detail.rowVersion, expectRecordVersion: detail.recordVersion }
  const decided = await call('conflicts.decide', { ref, resolution, ...seen })
  await call('conflicts.get', { ref })
  const receipt = await call('receipts.create', { scope: { kind: 'import', importId } })
  const checked = await call('receipts.check', { receipt: receipt.file?.handle ?? '' })
  expect(checked).toMatchObject({ signer: 'own', total: 1, chains: [{ state: 'holds' }] })
  await call('conflicts.undo', { batchId: decided.batchId })
  const rule = { filter: {}, rule: { take: 'newest' as const } }
  const { hash } = await call('conflicts.previewMany', rule)
  await call('conflicts.decideMany', { ...rule, hash })

  const undo = await call('imports.planUndo', { importId })
  expect(undo.recall.length).toBeGreaterThan(0)
  await call('imports.undo', { importId, hash: undo.hash })
  await dockFile(console, call, vaultId)
  const exported = await call('exports.create', { party: 'Harbour Bookkeeping', vaults: [vaultId] })
  expect(await call('files.save', { handle: exported.bundle.handle })).toEqual({ saved: false, path: null })
  const proof = await call('receipts.create', { scope: { kind: 'queue', vault: vaultId } })
  expect(proof).toMatchObject({ file: null, decisions: 0 })
  await call('files.reveal', { handle: exported.bundle.handle })
  const choice = { vaults: [vaultId], search: 'chai' }
  expect((await call('exports.tableFacts', choice)).withheld).toHaveLength(4)
  await call('exports.tables', { ...choice, format: 'csv', collections: ['invoices'], allow: true })
  expect(await call('files.choose', { purpose: 'bundle' })).toBeNull()
  const [template] = (await call('templates.list', {})).filter(({ name }) => name === 'directory')
  expect(template?.collections).toContain('Parties')
  const file = await readFile(join(resourcesDir, 'templates/directory.json'), 'utf8')
  const own = console.files.offer('own.json', Buffer.from(file.replace('"directory"', '"own"')))
  await call('templates.import', { handle: own.handle })
  await call('activity.list', {})
  expect((await call('activity.verify', {})).every(({ ok }) => ok)).toBe(true)
  await agreeAndExchange(call, console, vaultId)
  await call('jobs.cancel', { jobId: 'none' })
  expect(unforeseen).toEqual([])
  expect([...made].sort()).toEqual(Object.keys(contract).sort())
}, 120_000)

/** With an office of its own behind the services; every call of ours goes through the contract. */
async function agreeAndExchange(call: Call, ours: TestConsole, vaultId: string): Promise<void> {
  const theirs = await newWorkspace('Quayside Books')
  const { vaultId: there } = await theirs.clients.create({ name: 'Vins', key: 'vins' })
  const hand = async (from: TestConsole, to: TestConsole, handle: string) => {
    const { name, bytes } = await from.files.read(handle)
    return to.files.offer(name, bytes).handle
  }
  await call('agreements.people', {})
  const slice = [{ name: 'products', fields: null }]
  await call('agreements.draft', { vaultId, slice })
  const terms = {
    slice,
    direction: 'both' as const,
    strategy: 'three-way' as const,
    cadenceMs: null,
    expiresAt: null,
  }
  const asked = await call('agreements.propose', { vaultId, party: 'Quayside Books', terms, answerBy: null })
  const { id } = asked
  const { fingerprint } = await call('workspace.status', {})
  const proposal = await hand(ours, theirs, asked.file.handle)
  await theirs.agreements.take({ handle: proposal, fingerprint: fingerprint ?? '', vaultId: there })
  const signed = await theirs.agreements.decide({ id, decision: { kind: 'agree' } })
  const handle = await hand(theirs, ours, signed.file.handle)
  const said = await call('agreements.examine', { handle })
  if (said.kind !== 'act') throw new Error('it is a countersignature')
  await call('agreements.take', { handle, fingerprint: said.fingerprint })
  expect((await call('agreements.list', {})).map(({ state }) => state)).toEqual(['agreed'])
  await call('agreements.preview', { id })
  await call('agreements.export', { id })
  await call('agreements.file', { id, number: 1 })
  const key = { form: 'file' as const }
  const sent = await theirs.agreements.export({ id, key, full: false }, callContext())
  const keys = { handle: await hand(theirs, ours, sent.keys.handle) }
  const delivery = { handle: await hand(theirs, ours, sent.bundle.handle), keys }
  await call('agreements.planApply', delivery)
  await call('agreements.apply', delivery)
  await call('agreements.receipt', { id })
  await call('agreements.log', { id })
  const log = await hand(theirs, ours, (await theirs.agreements.log(id)).file.handle)
  expect((await call('agreements.compare', { id, handle: log })).first).toBeNull()
  await call('agreements.consequences', { id, decision: { kind: 'suspend' } })
  await call('agreements.decide', { id, decision: { kind: 'suspend' } })
  expect((await call('agreements.get', { id })).suspendedBy).toEqual(['ours'])
}

/** A file of another program, up to its plan. */
async function dockFile(console: TestConsole, call: Call, vaultId: string): Promise<void> {
  const file = console.files.offer('crm.csv', Buffer.from('No,Company\n1,Alfreds\n')).handle
  expect(await call('foreign.recognise', { file })).toEqual({ kind: 'csv' })
  const { kind, columns, reading } = await call('foreign.inspect', { file, kind: 'csv' })
  const { best, collections } = await call('foreign.offers', { kind, columns, vaultId })
  const found = collections.find(({ name }) => name === best)?.suggested
  if (!found || best === null) throw new Error('contacts are suggested')
  const mapping = { name: 'CRM', kind, reading, collection: best, ...found }
  expect(await call('foreign.preview', { file, mapping })).toMatchObject({ rows: 1, faulty: 0 })
  const planned = await call('foreign.plan', { file, mapping, vaultId, strategy: 'three-way' })
  expect(planned.counts.insert).toBe(1)
  await call('imports.discard', { planId: planned.planId })
  await call('foreign.forget', { id: 'crm' })
}

test('while locked, every call but the harmless ones says so', async () => {
  const { call } = screen()
  await call('workspace.create', firm)
  await call('workspace.lock', {})
  await expect(call('clients.list', {})).rejects.toMatchObject({ code: 'LOCKED' })
  await expect(call('conflicts.list', {})).rejects.toMatchObject({ code: 'LOCKED' })
  await expect(call('imports.list', {})).rejects.toMatchObject({ code: 'LOCKED' })
  await expect(call('agreements.list', {})).rejects.toMatchObject({ code: 'LOCKED' })
  await expect(call('activity.list', {})).rejects.toMatchObject({ code: 'LOCKED' })
  expect(await call('settings.get', {})).toMatchObject({ theme: 'system' })
})
