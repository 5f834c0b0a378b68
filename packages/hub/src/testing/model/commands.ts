/** What a user of the hub may do, done to the model and to the real thing. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Noydb } from '../../noydb/noydb.ts'
import {
  COLLECTIONS,
  collectionOf,
  contentOf,
  type Change,
  type Model,
  type Real,
  type Value,
} from './state.ts'

type Command = fc.AsyncCommand<Model, Real>

const KINDS = ['red', 'green', 'blue']
const collection = fc.constantFrom(...COLLECTIONS)
const id = fc.constantFrom('a', 'b', 'c/d', '🧾', '__proto__')
const value: fc.Arbitrary<Value> = fc.record({ kind: fc.constantFrom(...KINDS), amount: fc.integer() })
const change: fc.Arbitrary<Change> = fc.record({ collection, id, value: fc.option(value, { freq: 3 }) })
const changes = fc.array(change, { minLength: 1, maxLength: 6 })

export const commands: fc.Arbitrary<Command>[] = [
  fc.tuple(change, fc.boolean()).map(([one, checks]) => single(one, checks)),
  change.map(stale),
  changes.map(transaction),
  changes.map(abort),
  fc.tuple(collection, fc.array(value, { minLength: 1, maxLength: 5 })).map(([name, all]) => many(name, all)),
  fc.tuple(changes, fc.nat({ max: 12 }), fc.boolean()).map(([all, writes, done]) => crash(all, writes, done)),
  changes.map(otherInstance),
  fc.constant(reopen()),
  fc.tuple(collection, id).map(([name, key]) => read(name, key)),
  fc.tuple(collection, fc.constantFrom(...KINDS)).map(([name, kind]) => query(name, kind)),
  fc.constant(compare()),
]

function command(name: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return { check: () => true, run, toString: () => name }
}

const told = (what: string, detail: unknown): string => `${what} ${JSON.stringify(detail)}`

function single(one: Change, checks: boolean): Command {
  return command(told(checks ? 'compare-and-set' : 'set', one), async (model, { db }) => {
    const target = await collectionOf(db, one.collection)
    const known = model.get(one.collection, one.id)
    const options = checks ? { expectedVersion: known.value === null ? 0 : known.version } : {}
    if (one.value === null) await target.delete(one.id, options)
    else await target.put(one.id, one.value, options)
    model.apply([one])
  })
}

function stale(one: Change): Command {
  return command(told('stale', one), async (model, { db }) => {
    const target = await collectionOf(db, one.collection)
    const known = model.get(one.collection, one.id)
    const options = { expectedVersion: known.version + 1 }
    const attempt =
      one.value === null ? target.delete(one.id, options) : target.put(one.id, one.value, options)
    await expect(attempt).rejects.toMatchObject({ code: 'CONFLICT' })
  })
}

async function commitAll(db: Noydb, all: readonly Change[], fail = false): Promise<void> {
  const vault = await db.openVault('v')
  for (const name of COLLECTIONS) await collectionOf(db, name) // declared before anything touches them
  await db.transaction((tx) => {
    for (const { collection: name, id: key, value: next } of all) {
      if (next === null) tx.delete(vault, name, key)
      else tx.put(vault, name, key, next)
    }
    if (fail) throw new Error('changed my mind')
  })
}

function transaction(all: readonly Change[]): Command {
  return command(told('transaction', all), async (model, { db }) => {
    await commitAll(db, all)
    model.apply(all)
  })
}

function abort(all: readonly Change[]): Command {
  return command(told('abort', all), async (_model, { db }) => {
    await expect(commitAll(db, all, true)).rejects.toThrow('changed my mind')
  })
}

function many(name: Change['collection'], values: readonly Value[]): Command {
  const all = values.map((next, at): Change & { value: Value } => ({
    collection: name,
    id: `many-${at}`,
    value: next,
  }))
  return command(told('putMany', all), async (model, { db }) => {
    await (
      await collectionOf(db, name)
    ).putMany(all.map(({ id: key, value: record }) => ({ id: key, record })))
    model.apply(all)
  })
}

/** The store stops somewhere in a transaction; afterwards all of it is there, or nothing. */
function crash(all: readonly Change[], writes: number, done: boolean): Command {
  const name = `${told('crash', all)} at write ${writes}${done ? ', done' : ''}`
  return command(name, async (model, real) => {
    real.faults.stopAfter(writes, done)
    const failed = await commitAll(real.db, all).then(
      () => false,
      () => true,
    )
    const stopped = real.faults.heal()
    real.db.close()
    real.db = await real.open()
    const after = model.copy()
    after.apply(all)
    const content = await contentOf(real.db)
    const happened = matches(content, after)
    expect(content).toEqual((happened ? after : model).content())
    // What was acknowledged is there; what failed may be, where the store took it before it stopped.
    if (!failed) expect(happened).toBe(true)
    if (failed) expect(stopped).toBe(true)
    if (happened) model.become(after)
  })
}

function matches(content: unknown, model: Model): boolean {
  return JSON.stringify(content) === JSON.stringify(model.content())
}

/** Another session over the same store writes; this one sees it when it is opened again. */
function otherInstance(all: readonly Change[]): Command {
  return command(told('other instance', all), async (model, real) => {
    const other = await real.open()
    await commitAll(other, all)
    model.apply(all)
    real.db.close()
    real.db = other
  })
}

function reopen(): Command {
  return command('reopen', async (_model, real) => {
    real.db.close()
    real.db = await real.open()
  })
}

function read(name: Change['collection'], key: string): Command {
  return command(`get ${name}/${key}`, async (model, { db }) => {
    const target = await collectionOf(db, name)
    const known = model.get(name, key)
    expect(await target.get(key)).toEqual(known.value)
    expect((await target.getMetadata(key))?.version).toBe(known.value === null ? undefined : known.version)
  })
}

function query(name: Change['collection'], kind: string): Command {
  return command(`query ${name} ${kind}`, async (model, { db }) => {
    const found = await (await collectionOf(db, name)).query().where('kind', '==', kind).run()
    const expected = Object.entries(model.content()).filter(
      ([key, row]) => key.startsWith(`${name}/`) && row.kind === kind,
    )
    expect(found.map(({ amount }) => amount).sort(ascending)).toEqual(
      expected.map(([, { amount }]) => amount).sort(ascending),
    )
  })
}

function compare(): Command {
  return command('compare', async (model, { db }) => {
    expect(await contentOf(db)).toEqual(model.content())
  })
}

function ascending(left: number, right: number): number {
  return left - right
}
