// Runs the steps of the test command in order, times them and adds up what they counted.

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ output?: string, failures?: string[] }} Told `failures` are named once more at the end, where a cut log still has them
 * @typedef {{ name: string, background?: boolean, run: () => Promise<Counts & Told> }} Step
 */

/** @returns {Counts} */
export const passedOnce = () => ({ passed: 1, failed: 0, skipped: 0 })
/** @returns {Counts} */
export const failedOnce = () => ({ passed: 0, failed: 1, skipped: 0 })
/** @returns {Counts} */
export const skippedOnce = () => ({ passed: 0, failed: 0, skipped: 1 })

/**
 * A failing step never stops the next one: a person wants to see everything that is wrong at once.
 * @param {Step[]} steps
 */
export async function runSteps(steps) {
  // The slow ones run beside the others from the start, and print when their turn has come.
  const ahead = new Map(steps.filter(({ background }) => background).map((step) => [step, timed(step)]))
  const results = []
  for (const step of steps) {
    console.log(`\n── ${step.name}`)
    const { output, ...result } = await (ahead.get(step) ?? timed(step))
    if (output) process.stdout.write(output)
    results.push({ name: step.name, ...result })
  }
  return results
}

async function timed(step) {
  const startedAt = Date.now()
  const { output, failures, ...counts } = await step
    .run()
    .catch((error) => ({ ...failedOnce(), output: `${error.message}\n` }))
  return { seconds: (Date.now() - startedAt) / 1000, counts, output, failures }
}

/** Prints the table and the last line; true when nothing failed. */
export function report(results) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  console.log('')
  for (const failure of results.flatMap(({ failures = [] }) => failures)) console.log(`FAILED ${failure}`)
  for (const { name, seconds, counts } of results) {
    for (const key of Object.keys(total)) total[key] += counts[key]
    const state = counts.failed > 0 ? 'FAIL' : counts.passed > 0 ? 'ok' : 'skip'
    console.log(`${state.padEnd(4)} ${`${seconds.toFixed(1)} s`.padStart(8)}  ${name}`)
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  return total.failed === 0
}
