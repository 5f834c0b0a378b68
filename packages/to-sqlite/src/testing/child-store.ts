/**
 * Runs as a process of its own: opens the file named by the first argument, says "open", then puts one row after another (or writes
 * generations, when asked) until it is killed. An error ends it with one line of JSON.
 */
import { sqliteStore } from '../index.ts'
import type { EncryptedEnvelope, TxOp } from '@noy-db/hub/store'

const [file = '', task = 'hold', host] = process.argv.slice(2)

const envelope = (version: number): EncryptedEnvelope => ({
  _noydb: 1,
  _v: version,
  _ts: '2026-01-01T00:00:00.000Z',
  _iv: 'AAAAAAAAAAAAAAAA',
  _data: 'QUJD'.repeat(100),
})

const generation = (version: number): TxOp[] =>
  Array.from({ length: 3_000 }, (_, index) => ({
    vault: `v${index % 3}`,
    collection: 'c',
    id: String(index),
    op: 'put',
    envelope: envelope(version),
    expectedVersion: version - 1,
  }))

try {
  const store = await sqliteStore({
    file,
    owner: 'the other window',
    host: host === 'process' ? 'process' : 'worker',
  })
  console.log('open')
  if (task === 'hold') setInterval(() => undefined, 60_000)
  for (let version = 1; task === 'generations'; version += 1) {
    await store.tx(generation(version))
    console.log(`committed ${version}`)
  }
  if (task === 'put-one') {
    await store.put('v', 'c', 'a', envelope(1))
    await store.close()
  }
} catch (error) {
  const failure = error instanceof Error && 'code' in error ? error.code : String(error)
  console.log(JSON.stringify({ failure }))
  process.exit(1)
}
