/** What the columns step tries a mapping on: read once for a file as it is read, and no more of it than is held. */
import { bytesSource, foreignReaders, type ForeignSource } from '@klum-db/lobby'
import { expect, test } from 'vitest'
import { FirstRowsCache } from '../foreign/first-rows.ts'

function counted(text: string) {
  const source = bytesSource('x.csv', Buffer.from(text))
  const seen = { reads: 0, bytes: 0 }
  const watched: ForeignSource = {
    ...source,
    async *chunks() {
      seen.reads += 1
      for await (const chunk of source.chunks()) {
        seen.bytes += chunk.length
        yield chunk
      }
    },
  }
  return { source: watched, seen }
}

const how = {
  reader: foreignReaders.csv,
  reading: { delimiter: ',', encoding: 'utf-8', header: true },
} as const

test('a file is read once, another reading of it again', async () => {
  const { source, seen } = counted('a,b\n1,2\n3,4\n')
  const firstRows = new FirstRowsCache()
  const first = await firstRows.of('one', source, how, {})
  expect(first).toMatchObject({ complete: true, rows: [{ cells: { a: '1' } }, { cells: { a: '3' } }] })
  const { reads } = seen
  expect(await firstRows.of('one', source, how, {})).toBe(first)
  expect(seen.reads).toBe(reads)
  const other = { ...how, reading: { ...how.reading, header: false } }
  expect((await firstRows.of('one', source, other, {})).rows).toHaveLength(3)
  expect(seen.reads).toBeGreaterThan(reads)
  firstRows.clear()
  expect(await firstRows.of('one', source, how, {})).not.toBe(first)
})

test('of a long file the beginning is read, of long rows fewer', async () => {
  const long = counted(`a,b\n${`${'x'.repeat(100)},2\n`.repeat(100_000)}`)
  const firstRows = await new FirstRowsCache().of('one', long.source, how, {})
  expect([firstRows.rows.length, firstRows.complete]).toEqual([1000, false])
  expect(long.seen.bytes).toBeLessThan(long.source.bytes / 10)
  const wide = counted(`a,b\n${`${'x'.repeat(90_000)},2\n`.repeat(200)}`)
  const few = await new FirstRowsCache().of('one', wide.source, how, {})
  expect(few.complete).toBe(false)
  expect(few.rows.length).toBeLessThan(100)
})

test('what was given up is read again', async () => {
  const { source } = counted('a,b\n1,2\n')
  const firstRows = new FirstRowsCache()
  await expect(
    firstRows.of('one', source, how, { signal: AbortSignal.abort(new Error('stopped')) }),
  ).rejects.toThrow('stopped')
  expect((await firstRows.of('one', source, how, {})).rows).toHaveLength(1)
})
