import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { invoice, newWorkspace, passphrase } from '../console/test/fixture.ts'

const program = join(import.meta.dirname, 'verify-audit.ts')

async function verify(
  file: string,
  secret = passphrase,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const options = { env: { ...process.env, LOBBY_PASSPHRASE: secret } }
  try {
    const done = await promisify(execFile)(
      process.execPath,
      [program, '--workspace', file, '--json'],
      options,
    )
    return { code: 0, ...done }
  } catch (error) {
    // What execFile rejects with carries the exit code and both outputs.
    return error as { code: number; stdout: string; stderr: string }
  }
}

test('says whether the chains hold, whether they do not, and whether it could not look', async () => {
  const console = await newWorkspace()
  const { vaultId } = await console.clients.create({ name: 'Chevalier', key: 'VINET' })
  const key = { vaultId, collection: 'invoices', id: 'inv-1' }
  await console.clients.saveRecord({ ...key, record: invoice, expectedVersion: 0 })
  expect((await verify(console.file)).stderr).toMatch(/is open in the lobby console/)
  await console.close()

  const good = await verify(console.file)
  expect(good.code).toBe(0)
  expect(JSON.parse(good.stdout)).toMatchObject({ ok: true, vaults: [{ name: 'Chevalier', entries: 1 }, {}] })
  expect(await verify(console.file, 'not the passphrase')).toMatchObject({ code: 2 })
  expect(await verify(`${console.file}.none`)).toMatchObject({ code: 2 })

  const file = new Database(console.file)
  const collections = "SELECT id FROM collections WHERE vault = ? AND name = 'invoices'"
  file.prepare(`DELETE FROM records WHERE collection IN (${collections})`).run(vaultId)
  file.close()
  const broken = await verify(console.file)
  expect(broken.code).toBe(1)
  expect(JSON.parse(broken.stdout)).toMatchObject({ ok: false, vaults: [{ ok: false }, { ok: true }] })
}, 60_000)
