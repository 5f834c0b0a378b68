/** The multi-vault container under fire; `packages/hub/test/fuzz/run.ts` starts it. */
import { NoydbError } from '@noy-db/hub'
import { readNoydbBundleManifest, readMultiVaultBundleCompartment } from '../../src/bundle/read.ts'
import { sha256 } from '../../src/canonical-json.ts'
import { LobbyError } from '../../src/errors.ts'
import { verifyContainer } from '../../src/import/open-import.ts'

interface Tools {
  readonly random: { int(below: number): number; chance(of: number): boolean }
  mutateBytes(random: Tools['random'], bytes: Uint8Array, boundaries: readonly number[]): Uint8Array
  mutateJson(random: Tools['random'], value: unknown): unknown
  mutateText(random: Tools['random'], text: string): string
}

const PREFIX = 10
const inner = [Buffer.from('NDB1 first'), Buffer.from('NDB1 second, a little longer')]
const sender = {
  party: 'ada',
  publicKey: Buffer.alloc(32, 1).toString('base64'),
  exchangeId: 'x',
  sequence: 1,
  previous: null,
  counts: { records: 1, compartments: 2 },
  createdAt: '2026-01-01T00:00:00.000Z',
  signature: Buffer.alloc(64, 2).toString('base64'),
}
const manifest = {
  multiFormatVersion: 1,
  handle: 'H',
  compartments: inner.map((bytes, at) => ({
    handle: `c${at}`,
    exportedAt: '2026-01-01T00:00:00.000Z',
    innerBytes: bytes.length,
    innerSha256: sha256(bytes),
    name: `vault ${at}`,
    collections: [{ name: 'invoices', count: 1 }],
    projection: { invoices: ['id'] },
  })),
}

function make({ random, mutateBytes, mutateJson, mutateText }: Tools): Uint8Array {
  let value: unknown = random.chance(0.5) ? manifest : { ...manifest, sender }
  for (let count = random.int(3); count > 0; count -= 1) value = mutateJson(random, value)
  let text = JSON.stringify(value)
  if (random.chance(0.3)) text = mutateText(random, text)
  const json = Buffer.from(text)
  const prefix = Buffer.alloc(PREFIX)
  prefix.write('NDBM')
  prefix[4] = 1
  prefix.writeUInt32BE(json.length, 6)
  const bytes = new Uint8Array(Buffer.concat([prefix, json, ...inner]))
  const [first = Buffer.of()] = inner
  const start = PREFIX + json.length
  const marks = [0, 4, 5, 6, PREFIX, start, start + first.length, bytes.length]
  return random.chance(0.5) ? bytes : mutateBytes(random, bytes, marks)
}

/** All three readers get every input; one that throws does not keep it from the others. */
async function parse(bytes: Uint8Array): Promise<void> {
  const readers = [
    async () => readNoydbBundleManifest(bytes),
    async () => readMultiVaultBundleCompartment(bytes, 1),
    async () => verifyContainer(bytes),
  ]
  const answers = await Promise.allSettled(readers.map((read) => read()))
  const failures = answers.flatMap((answer): unknown[] =>
    answer.status === 'rejected' ? [answer.reason] : [],
  )
  const failure =
    failures.find((error) => !isRefusal(error)) ?? (failures.length === readers.length ? failures[0] : null)
  if (failure !== null) throw failure as Error // what a reader threw
}

/** Text that is no UTF-8 is refused with the decoder's class and our code. */
function isRefusal(error: unknown): boolean {
  if (error instanceof LobbyError || error instanceof NoydbError) return true
  return error instanceof TypeError && 'code' in error && error.code === 'BUNDLE_INVALID'
}

export const targets = [{ name: 'multi-vault container', make, parse, isRefusal }]
