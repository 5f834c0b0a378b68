/** Two offices agree and exchange on the command line alone, by files in folders. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { invoice, newWorkspace, passphrase, testFolder } from '../console/test/fixture.ts'
import { klum } from './klum.ts'

interface Office {
  readonly fingerprint: string
  klum(...words: string[]): Promise<{ code: number; json: Record<string, unknown> }>
}

async function office(firmName: string): Promise<Office> {
  const made = await newWorkspace(firmName)
  const { vaultId } = await made.clients.create({ name: 'Chevalier', key: 'VINET' })
  const key = { vaultId, collection: 'invoices', id: 'inv-1' }
  await made.clients.saveRecord({ ...key, record: invoice, expectedVersion: 0 })
  const { fingerprint } = await made.workspace.status()
  await made.close()
  const secret = join(made.folder, 'passphrase')
  writeFileSync(secret, `${passphrase}\n`, { mode: 0o600 })
  return {
    fingerprint: fingerprint ?? '',
    async klum(...words) {
      const lines: string[] = []
      const argv = [...words, '--json', '--workspace', made.file, '--passphrase-file', secret]
      const streams = {
        out: (line: string) => void lines.push(line),
        error: (line: string) => void lines.push(line),
      }
      const code = await klum(argv, streams, new AbortController().signal)
      return { code, json: JSON.parse(lines.join('\n')) as Record<string, unknown> }
    },
  }
}

test('propose, take, countersign, export, apply, suspend and compare, each by its command', async () => {
  const [firm, books] = [await office('Alder & Co'), await office('Harbour Bookkeeping')]
  const folder = testFolder()
  const at = (name: string): string => join(folder, name)
  const asked = await firm.klum(
    ...['agreements', 'propose', '--client', 'Chevalier', '--to', 'Harbour Bookkeeping', '--every', '7'],
    ...['--share', 'invoices=number,customerName,total', '--out', at('propose.json')],
  )
  const id = String(asked.json['id'])
  expect(await books.klum('agreements', 'take', at('propose.json'))).toMatchObject({
    code: 2,
    json: { error: { code: 'SURFACE_PARTY_UNKNOWN' } },
  })
  const said = await books.klum('agreements', 'take', at('propose.json'), '--dry-run')
  expect(said.json).toMatchObject({ act: 'propose', party: 'Alder & Co', unknownKey: true })
  const trust = ['--trust', firm.fingerprint, '--client', 'Chevalier']
  expect((await books.klum('agreements', 'take', at('propose.json'), ...trust)).code).toBe(0)
  expect((await books.klum('agreements', 'countersign', id, '--out', at('agree.json'))).code).toBe(0)
  await firm.klum('agreements', 'take', at('agree.json'), '--trust', books.fingerprint)
  expect((await firm.klum('agreements', 'preview', id)).json).toMatchObject({ records: 1, fields: 3 })

  const files = ['--out', at('d1.noydb'), '--keys-out', at('d1.keys.json')]
  expect((await firm.klum('agreements', 'export', id, ...files)).json).toMatchObject({
    records: 1,
    sequence: 1,
  })
  const delivery = [at('d1.noydb'), '--keys', at('d1.keys.json')]
  const planned = await books.klum('agreements', 'apply', ...delivery, '--dry-run')
  expect(planned).toMatchObject({ code: 0, json: { id, refused: [] } })
  const applied = await books.klum('agreements', 'apply', ...delivery, '--receipt-out', at('receipt.json'))
  expect(applied.code).toBe(0)
  expect((await firm.klum('agreements', 'take', at('receipt.json'))).json).toMatchObject({
    outcome: 'applied',
  })
  await books.klum('agreements', 'log', id, '--out', at('log.json'))
  expect(await firm.klum('agreements', 'compare', id, '--with', at('log.json'))).toMatchObject({
    code: 0,
    json: { agreed: 1, first: null },
  })

  const told = await firm.klum('agreements', 'suspend', id, '--dry-run')
  expect(told.json['consequences']).toContain('Nothing is sent or taken until it is resumed.')
  await firm.klum('agreements', 'suspend', id, '--out', at('suspend.json'), '--reason', 'audit')
  expect((await firm.klum('agreements', 'preview', id)).code).toBe(1)
  const more = ['--out', at('d2.noydb'), '--keys-out', at('d2.keys.json')]
  expect(await firm.klum('agreements', 'export', id, ...more)).toMatchObject({
    code: 2,
    json: { error: { code: 'SURFACE_STATE' } },
  })
  expect((await firm.klum('agreements', 'outbox', id, '--folder', folder)).json).toMatchObject({
    outbox: folder,
  })
  expect((await firm.klum('agreements', 'list')).json).toMatchObject({
    agreements: [{ suspendedBy: ['ours'] }],
  })
}, 120_000)
