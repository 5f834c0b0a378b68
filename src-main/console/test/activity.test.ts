/** What Activity shows of commands over many clients, and of those that touch none. */
import { expect, test } from 'vitest'
import { callContext, passphrase, testConsole, type TestConsole } from './fixture.ts'

const context = callContext()

async function demo(): Promise<{ console: TestConsole; importId: string; vaults: string[] }> {
  const console = testConsole()
  const firm = { firmName: 'Alder & Co', userName: 'Anna Berger', passphrase, demo: true }
  const { demo: made } = await console.workspace.create(firm, () => undefined)
  const [offered] = made?.bundles ?? []
  const bundle = await console.files.register(offered?.bundle ?? '', 'bundle')
  const keys = await console.files.register(offered?.keys ?? '', 'keys')
  const { compartments } = await console.imports.inspect(bundle.handle)
  const into = compartments.map(({ handle, suggestedVaultId }) => {
    return { handle, vaultId: suggestedVaultId ?? undefined, strategy: 'three-way' as const }
  })
  const { planId } = await console.imports.plan(
    { bundle: bundle.handle, keys: { handle: keys.handle }, into },
    context,
  )
  const { importId, perVault } = await console.imports.apply({ planId, exclude: [] }, context)
  return { console, importId, vaults: perVault.map(({ vault }) => vault) }
}

const list = ({ activity }: TestConsole, request: object = {}) => activity.list({ limit: 200, ...request })

test('an import into several clients, and its undo, are one entry each', async () => {
  const { console, importId, vaults } = await demo()
  const { hash } = await console.imports.planUndo(importId)
  await console.imports.undo({ importId, hash }, context)
  const { rows } = await list(console)
  expect(rows.slice(0, 2).map(({ command }) => command)).toEqual(['imports.undo', 'imports.apply'])
  const [undone, imported] = rows
  expect(vaults.length).toBeGreaterThan(1)
  expect(imported?.clients.map(({ vault }) => vault).sort()).toEqual([...vaults].sort())
  expect(imported?.workspaceSeq).not.toBeNull()
  expect(undone?.clients.map(({ vault, changed }) => [vault, changed])).toEqual(
    imported?.clients.map(({ vault, changed }) => [vault, changed]),
  )
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
})

test('what concerns the workspace alone is there, by its own name', async () => {
  const { console } = await demo()
  await console.settings.save({ locale: 'en-GB' })
  const { rows } = await list(console)
  expect(rows[0]).toMatchObject({ command: 'settings.save', reason: null, actor: 'Anna Berger', clients: [] })
  expect(rows.at(-1)).toMatchObject({ command: 'workspace.create', clients: [] })
  const found = await list(console, { command: 'settings.save' })
  expect(found.rows.map(({ id }) => id)).toEqual([rows[0]?.id])
})

test('of one client only its own part shows, from the day it was made', async () => {
  const { console, vaults } = await demo()
  const [vault = ''] = vaults
  const { rows } = await list(console, { vault })
  expect(rows.every(({ clients }) => clients.length === 1 && clients[0]?.vault === vault)).toBe(true)
  expect(rows.map(({ command }) => command)).toContain('imports.apply')
  expect(rows.at(-1)).toMatchObject({ command: 'demo.fill' })
})

test('pages meet without a gap, though many entries are of one moment', async () => {
  const { console } = await demo()
  const all = (await list(console)).rows.map(({ id }) => id)
  const paged: string[] = []
  let before: { time: string; id: string } | undefined
  for (let more = true; more;) {
    const page = await console.activity.list({ limit: 3, ...(before && { before }) })
    paged.push(...page.rows.map(({ id }) => id))
    const last = page.rows.at(-1)
    before = last && { time: last.time, id: last.id }
    more = page.more
  }
  expect(paged).toEqual(all)
})
