/** The real worker: what it computes, what it refuses, and what ends it. */
import { afterAll, describe, expect, test } from 'vitest'
import { TransformLimitError, TransformWorkerError } from '../errors.ts'
import { createExpressionRunner, type ExpressionRunner, type RunResult } from './runner.ts'

const runner = createExpressionRunner()
afterAll(() => runner.close())

const placeOf = (step: number, id: string) => ({ template: 't', collection: 'c', to: step + 2, id })

async function runOn(body: unknown, expressions: readonly string[], on: ExpressionRunner = runner) {
  const [result] = await on.run({ expressions, rows: [{ id: 'a', body }], placeOf })
  return result
}

const valueOf = (result: RunResult | undefined): unknown =>
  result !== undefined && 'value' in result ? result.value : result
const messageOf = (result: RunResult | undefined): string =>
  result !== undefined && 'failure' in result ? result.failure.message : JSON.stringify(result)

async function runaway(running: Promise<unknown>): Promise<TransformLimitError> {
  const error: unknown = await running.catch((reason: unknown) => reason)
  if (error instanceof TransformLimitError) return error
  throw new Error(`It was not stopped: ${JSON.stringify(error)}`)
}

describe('results', () => {
  test('a chain hands the result of one step to the next, for every row in order', async () => {
    const rows = Array.from({ length: 450 }, (_, at) => ({ id: `r${at}`, body: { n: at } }))
    const seen: number[] = []
    const expressions = ['{ "n": n + 1 }', '{ "n": n * 2 }']
    const results = await runner.run(
      { expressions, rows, placeOf },
      { onProgress: (done) => void seen.push(done) },
    )
    expect(results.map(valueOf)).toEqual(rows.map(({ body }) => ({ n: (body.n + 1) * 2 })))
    expect(results.map(({ id }) => id)).toEqual(rows.map(({ id }) => id))
    expect(seen).toEqual([200, 400, 450])
  })

  test('a failing row names its step and does not stop the others', async () => {
    const rows = [
      { id: 'a', body: { n: 'x' } },
      { id: 'b', body: { n: 1 } },
    ]
    const [first, second] = await runner.run({ expressions: ['$', '{ "n": n + 1 }'], rows, placeOf })
    expect(first).toMatchObject({ id: 'a', failure: { step: 1, kind: 'error', position: 10 } })
    expect(second).toEqual({ id: 'b', value: { n: 2 } })
  })

  test.each<[string, unknown]>([
    ['$decimalAdd("0.1", "0.2")', '0.3'],
    ['$decimalSubtract("1", "1.00")', '0'],
    ['$decimalMultiply("1.15", "100")', '115'],
    ['$decimalDivide("1", "3", 4)', '0.3333'],
    ['$decimalDivide("-1", "8", 2)', '-0.13'],
    ['$decimalRound("2.5", 0)', '3'],
    ['$decimalRound("-0.4", 0)', '0'],
    ['$decimalCompare("10", "9.99")', 1],
    ['$toMinor("1.005", "EUR")', 101],
    ['$toMinor("-1.005", "EUR")', -101],
    ['$toMinor("12", "JPY")', 12],
    ['$toMinor("1.2345", "KWD")', 1235],
    ['$fromMinor(12345, "KWD")', '12.345'],
    ['$minorShare(999, "0.19")', 190],
    ['$minorSum([1, 2, 3])', 6],
    ['[$isDecimal("1.5"), $isDecimal("1e5"), $isDecimal(1)]', [true, false, false]],
    ['{ "none": $toMinor(missing, "EUR"), "is": 1 }', { is: 1 }],
  ])('%s', async (expression, value) => {
    expect(valueOf(await runOn({}, [expression]))).toEqual(value)
  })

  test.each<[string, string]>([
    ['$decimalAdd("1,5", "1")', 'is no decimal number'],
    ['$decimalDivide("1", "0", 2)', 'divided by zero'],
    ['$decimalRound("1", 1.5)', 'whole number'],
    ['$toMinor("1", "euro")', 'no currency code'],
    ['$toMinor("99999999999999999", "EUR")', 'no whole number of minor units'],
    ['$minorSum([0.5])', 'no whole number of minor units'],
  ])('%s fails', async (expression, reason) => {
    expect(messageOf(await runOn({}, [expression]))).toContain(reason)
  })

  test('the same input gives the same result, whatever the time', async () => {
    const expression = '$fromMillis($toMillis("10:30", "[H01]:[m01]"))'
    expect(valueOf(await runOn({}, [expression]))).toBe('2000-01-01T10:30:00.000Z')
  })
})

// The check of a template refuses some of these before; the worker has to hold without it.
describe('hostile expressions reach nothing', () => {
  test.each<[string, unknown]>([
    ['{ "found": [constructor, __proto__, toString, hasOwnProperty] }', { found: [] }],
    ['{ "found": [$lookup($, "constructor"), $lookup($, "__proto__")] }', { found: [] }],
    ['{ "found": [$sum.constructor, $sum.implementation, $sum.prototype] }', { found: [] }],
    ['{ "found": [(function($x) { $x }).environment, "text".length, [1].constructor] }', { found: [] }],
    ['{ "found": [process, globalThis, require, this, module] }', { found: [] }],
    ['{ "found": [$process, $globalThis, $require] }', { found: [] }],
    ['{ "found": $keys($spread($sum)) }', {}],
    ['{ "found": [$spread($sum).environment, $spread(function($x) { $x }).environment] }', { found: [] }],
  ])('%s', async (expression, value) => {
    expect(valueOf(await runOn({ a: 1 }, [expression]))).toEqual(value)
  })

  test.each<[string, string]>([
    ['$eval("1 + 1")', 'non-function'],
    ['$now()', 'non-function'],
    ['$millis()', 'non-function'],
    ['$random()', 'non-function'],
    ['$shuffle([1, 2])', 'non-function'],
    ['{ "__proto__": { "polluted": true } }', '__proto__'],
    ['$merge([{ "__proto__": { "polluted": true } }])', '__proto__'],
    ['{ "f": $sum }', 'contains a function'],
    ['{ "f": function($x) { $x } }', 'contains a function'],
    ['nothing', 'no result'],
    ['[1..1000000]', 'maximum sequence length'],
    ['($f := function($n) { 1 + $f($n + 1) }; $f(1))', 'Stack overflow'],
    ['($f := function($n, $a) { $n = 0 ? $a : $f($n - 1, { "a": $a }) }; $f(80, 1))', 'nested too deeply'],
    ['($f := function($n, $a) { $n = 0 ? $a : $f($n - 1, $a & $a) }; { "a": $f(24, "x") })', 'too large'],
  ])('%s is refused', async (expression, reason) => {
    expect(messageOf(await runOn({ a: 1 }, [expression]))).toContain(reason)
  })

  test('a transform that sets __proto__ changes no other record', async () => {
    await runOn({ a: { b: 1 } }, ['$ ~> |a|{ "__proto__": { "polluted": true } }|'])
    expect(valueOf(await runOn({ a: {} }, ['{ "found": [a.polluted, polluted] }']))).toEqual({ found: [] })
  })

  test('what one expression assigns is not there for the next record', async () => {
    const rows = ['a', 'b'].map((id) => ({ id, body: { id } }))
    const expression = '($seen := $exists($seen) ? $seen & id : id; { "seen": $seen })'
    const results = await runner.run({ expressions: [expression], rows, placeOf })
    expect(results.map(valueOf)).toEqual([{ seen: 'a' }, { seen: 'b' }])
  })
})

describe('runaway expressions are ended', () => {
  const quick = createExpressionRunner({ limits: { expressionRecordMs: 1500, expressionMemoryMiB: 64 } })
  afterAll(() => quick.close())

  const loop = '($f := function($n) { $f($n + 1) }; $f(1))'
  const backtrack = `$match("${'a'.repeat(60)}b", /^(a+)+$/)`

  test.each([
    ['a loop', loop],
    ['a pattern that backtracks', backtrack],
  ])('%s', async (_, expression) => {
    const error = await runaway(runOn({}, ['$', expression], quick))
    expect(error).toMatchObject({ code: 'TRANSFORM_LIMIT', limit: 'record-time' })
    expect(error.place).toEqual({ template: 't', collection: 'c', to: 3, id: 'a' })
  })

  test('the record is named, and the next run finds a worker again', async () => {
    const rows = [1, 2, 3].map((n) => ({ id: `r${n}`, body: { n } }))
    const expression = `n = 2 ? ${backtrack} : $`
    const error = await runaway(quick.run({ expressions: [expression], rows, placeOf }))
    expect(error.place.id).toBe('r2')
    expect(valueOf(await runOn({ n: 1 }, [expression], quick))).toEqual({ n: 1 })
  })

  test('memory', async () => {
    const greedy = createExpressionRunner({ limits: { expressionMemoryMiB: 32 } })
    const expression =
      '($f := function($n, $a) { $n = 0 ? $a : $f($n - 1, $append($a, [1..90000].{ "a": $ })) }; $f(40, []))'
    const error = await runaway(runOn({}, [expression], greedy))
    expect(valueOf(await runOn({ n: 1 }, ['$'], greedy))).toEqual({ n: 1 })
    await greedy.close()
    expect(['memory', 'record-time']).toContain(error.limit)
    expect(error.place.id).toBe('a')
  })

  test('a batch of many slow records', async () => {
    const patient = createExpressionRunner({ limits: { expressionRecordMs: 100, expressionBatchMs: 200 } })
    const rows = Array.from({ length: 200 }, (_, at) => ({ id: `r${at}`, body: {} }))
    const slow = '{ "sum": $sum([1..20000].($ * 2)) }'
    const error = await runaway(
      patient.run({ expressions: [slow], rows, placeOf }).finally(() => patient.close()),
    )
    expect(['batch-time', 'record-time']).toContain(error.limit)
  })

  test('a record beyond the cap does not travel', async () => {
    const error = await runaway(runOn({ text: 'x'.repeat(8 * 1024 * 1024) }, ['$']))
    expect(error.limit).toBe('input-size')
  })

  test('cancelling ends a loop at once, with the reason given', async () => {
    const cancel = new AbortController()
    const waiting = createExpressionRunner()
    // The first batch is done, the second is on its way into the loop, when the person changes their mind.
    const rows = Array.from({ length: 201 }, (_, at) => ({ id: `r${at}`, body: { at } }))
    const onProgress = (): void => void setImmediate(() => cancel.abort(new Error('changed my mind')))
    const run = { expressions: [`at < 200 ? $ : ${loop}`], rows, placeOf }
    await expect(waiting.run(run, { signal: cancel.signal, onProgress })).rejects.toThrow('changed my mind')
    expect(valueOf(await runOn({ n: 1 }, ['$'], waiting))).toEqual({ n: 1 })
    await waiting.close()
  })
})

test('a worker that cannot start is an error of its own', async () => {
  const lost = createExpressionRunner({ entry: '/nowhere/worker.js' })
  await expect(runOn({}, ['$'], lost)).rejects.toThrow(TransformWorkerError)
  await lost.close()
  const other = createExpressionRunner({ entry: new URL('./outcome.ts', import.meta.url) })
  await expect(runOn({}, ['$'], other)).rejects.toThrow('ended with code 0')
  await other.close()
})
