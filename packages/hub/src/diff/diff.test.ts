import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ValidationError } from '../errors.ts'
import { memory } from '../memory.ts'
import { session } from '../noydb/test-session.ts'
import { diffVault, type Exporter } from './diff-vault.ts'
import { diffFields, jsonEquals } from './json.ts'

function vaultOf(collections: Record<string, readonly unknown[]>): Exporter {
  return {
    async *exportStream() {
      for (const [collection, records] of Object.entries(collections)) {
        yield { collection, schema: null, refs: {}, records }
      }
    },
  }
}

describe('jsonEquals', () => {
  it.each<[unknown, unknown, boolean]>([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: null }, {}, false],
    [[undefined], [null], true],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [[1], [1, undefined], false],
    [{ at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }, true],
    [{ n: Number.NaN }, { n: null }, true],
    [{ constructor: 1 }, {}, false],
    [{}, { toString: 1 }, false],
    ['1', 1, false],
    [0, -0, true],
  ])('%j and %j: %s', (left, right, equal) => {
    expect(jsonEquals(left, right)).toBe(equal)
    expect(jsonEquals(right, left)).toBe(equal)
    expect(diffFields(left, right).length === 0).toBe(equal)
  })

  it('agrees with the differ, and a value equals its JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        expect(diffFields(left, right).length === 0).toBe(jsonEquals(left, right))
        expect(jsonEquals(left, JSON.parse(JSON.stringify(left)))).toBe(true)
      }),
    )
  })
})

describe('diffFields', () => {
  it('names every difference by its path', () => {
    const before = { a: 1, lines: [{ net: 1 }, { net: 2 }], gone: true, 'x.y': 1 }
    const after = { a: 1, lines: [{ net: 1 }, { net: 3 }, { net: 4 }], fresh: { b: 1 }, 'x.y': 2 }
    expect(diffFields(before, after)).toEqual([
      { path: 'lines.1.net', steps: ['lines', '1', 'net'], type: 'changed', from: 2, to: 3 },
      { path: 'lines.2', steps: ['lines', '2'], type: 'added', to: { net: 4 } },
      { path: 'gone', steps: ['gone'], type: 'removed', from: true },
      { path: 'x.y', steps: ['x.y'], type: 'changed', from: 1, to: 2 },
      { path: 'fresh', steps: ['fresh'], type: 'added', to: { b: 1 } },
    ])
    expect(diffFields(1, [1])).toEqual([{ path: '', steps: [], type: 'changed', from: 1, to: [1] }])
  })
})

describe('diffVault', () => {
  const live = vaultOf({
    clients: [{ id: 'c2', name: 'B' }, { id: 'c1', name: 'A', tags: ['x'] }, { name: 'no id' }],
    gone: [{ id: 1 }],
    _meta: [{ id: 'x' }],
  })
  const candidate = {
    clients: [
      { id: 'c1', name: 'A', tags: ['y'] },
      { id: 'c2', name: 'B', note: undefined },
      { id: 'c3', name: 'C' },
    ],
    _keyring: [{ id: 'x' }],
  }

  it('classifies by collection and id, sorted', async () => {
    const diff = await diffVault<Record<string, unknown>>(live, candidate, { includeUnchanged: true })
    expect(diff.added).toEqual([{ collection: 'clients', id: 'c3', record: candidate.clients[2] }])
    expect(diff.deleted).toEqual([{ collection: 'gone', id: '1', record: { id: 1 } }])
    expect(diff.modified[0]).toMatchObject({ id: 'c1', fieldsChanged: ['tags'], before: { tags: ['x'] } })
    expect(diff.unchanged?.map((row) => row.id)).toEqual(['c2'])
    expect(diff.summary).toEqual({ add: 1, modify: 1, delete: 1, total: 3 })
  })

  it('takes a vault or JSON text, and collections, id key and comparison as options', async () => {
    expect((await diffVault(live, live)).summary.total).toBe(0)
    expect((await diffVault(live, live)).unchanged).toBeUndefined()
    expect(
      (await diffVault(live, JSON.stringify(candidate), { collections: ['clients'] })).summary.total,
    ).toBe(2)
    expect((await diffVault(live, candidate, { compareFn: () => true })).summary.modify).toBe(0)
    const byName = await diffVault(
      live,
      { clients: [{ name: 'no id' }] },
      { idKey: 'name', collections: ['clients'] },
    )
    expect(byName.deleted.map((row) => row.id)).toEqual(['A', 'B'])
    for (const wrong of ['{', '[]', 'null'])
      await expect(diffVault(live, wrong)).rejects.toThrow(ValidationError)
  })

  it('formats at three lengths', async () => {
    const diff = await diffVault(live, candidate)
    expect(diff.format({ detail: 'count' })).toBe('1 added, 1 modified, 1 deleted')
    expect(diff.format().split('\n').slice(1)).toEqual(['+ clients/c3', '~ clients/c1: tags', '- gone/1'])
    expect(diff.format({ detail: 'full' })).toContain('    ~ tags.0: "x" -> "y"')
  })

  it('stops when told to', async () => {
    const stopped = diffVault(live, candidate, { signal: AbortSignal.abort() })
    await expect(stopped).rejects.toThrow()
  })
})

describe('two vaults', () => {
  it('are compared record by record, without any capability, whatever is undeclared', async () => {
    const db = await session(memory())
    const [mine, theirs] = [await db.openVault('mine'), await db.openVault('theirs')]
    await mine.collection('clients').put('x', { id: 'c1', name: 'A', lines: [{ net: 1 }] })
    await mine.collection('gone').put('x', { id: 1 })
    await theirs.collection('clients').put('y', { id: 'c1', name: 'A', lines: [{ net: 2 }] })
    await theirs.collection('clients').put('z', { id: 'c2' })
    await theirs.collection('clients').put('nameless', { name: 'no id' })
    expect(() => mine.assertCanExport('plaintext', 'json')).toThrow()
    const diff = await diffVault(mine, theirs)
    expect(diff.summary).toEqual({ add: 1, modify: 1, delete: 1, total: 3 })
    expect(diff.modified[0]).toMatchObject({ id: 'c1', fieldsChanged: ['lines'] })
    expect(diff.modified[0]?.fieldDiffs).toMatchObject([
      { path: 'lines.0.net', type: 'changed', from: 1, to: 2 },
    ])
    expect(diff.deleted).toEqual([{ collection: 'gone', id: '1', record: { id: 1 } }])
    expect((await diffVault(mine, mine)).summary.total).toBe(0)
  })
})
