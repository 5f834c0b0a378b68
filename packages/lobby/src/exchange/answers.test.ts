import { beforeEach, expect, it } from 'vitest'
import { fill, openOffice } from '../fixture-office.ts'
import { applyImport } from '../import/apply.ts'
import { planImport } from '../import/plan.ts'
import { openState } from '../state.ts'
import type { SenderBlock } from '../identity/types.ts'
import { takenBy } from './answers.ts'
import { exportBundle } from './export-bundle.ts'

type Office = Awaited<ReturnType<typeof openOffice>>

let firm: Office
let sent: string

beforeEach(async () => {
  firm = await openOffice('firm')
  await fill(firm, 'acme', { orders: { o1: { note: 'first' } } })
  sent = (await exportBundle(firm, { party: 'Desk 2', vaults: [{ vault: 'acme' }] })).exchangeId
})

async function planFrom(name: string, answers?: string) {
  const office = await openOffice(name)
  await fill(office, 'acme', { orders: { o1: { note: name } } })
  const options = { party: 'firm', vaults: [{ vault: 'acme' }], ...(answers !== undefined && { answers }) }
  const { container, keys } = await exportBundle(office, options)
  const into = Object.fromEntries(Object.keys(keys).map((handle) => [handle, 'acme']))
  return planImport(firm, { container, keys, into, strategy: 'three-way' })
}

it('takes an answer for one of the party that was written to', async () => {
  const plan = await planFrom('desk', sent)
  expect(plan).toMatchObject({ party: 'Desk 2', sender: { state: 'unknown' }, counts: { update: 1 } })
  expect(plan.sender.party).not.toBe('Desk 2')
})

it('keeps the signed name where nothing of ours is answered', async () => {
  for (const answers of [undefined, 'another exchange']) {
    const plan = await planFrom('desk', answers)
    expect(plan).toMatchObject({ party: plan.sender.party, counts: { queue: 1 } })
  }
})

it('gives nobody the bases of a party somebody else answered for', async () => {
  await applyImport(firm, await planFrom('desk', sent))
  const stranger = await planFrom('mallory', sent)
  expect(stranger).toMatchObject({ party: stranger.sender.party, counts: { queue: 1 } })
})

it('believes what the sender says it took; a program that names one message only took those before it too', async () => {
  const state = await openState(firm)
  const second = (await exportBundle(firm, { party: 'Desk 2', vaults: [{ vault: 'acme' }] })).exchangeId
  const block = { party: 'desk', answers: second } as SenderBlock // all that is looked at
  expect(await takenBy(state, { ...block, taken: ['another'] })).toEqual(new Set(['another']))
  expect(await takenBy(state, block)).toEqual(new Set([sent, second]))
  expect(await takenBy(state, { ...block, answers: sent })).toEqual(new Set([sent]))
  expect(await takenBy(state, { ...block, answers: 'not ours' })).toBeNull()
  expect(await takenBy(state, null)).toBeNull()
})
