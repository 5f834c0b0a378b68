// Runs the steps of the test command one after the other, times them and adds up what they counted.

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ name: string, run: () => Promise<Counts> }} Step
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
  const results = []
  for (const step of steps) {
    console.log(`\n── ${step.name}`)
    const startedAt = Date.now()
    const counts = await step.run().catch((error) => {
      console.error(error.message)
      return failedOnce()
    })
    const seconds = (Date.now() - startedAt) / 1000
    results.push({ name: step.name, seconds, counts })
  }
  return results
}

/** Prints the table and the last line; true when nothing failed. */
export function report(results) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  console.log('')
  for (const { name, seconds, counts } of results) {
    for (const key of Object.keys(total)) total[key] += counts[key]
    const state = counts.failed > 0 ? 'FAIL' : counts.passed > 0 ? 'ok' : 'skip'
    console.log(`${state.padEnd(4)} ${`${seconds.toFixed(1)} s`.padStart(8)}  ${name}`)
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  return total.failed === 0
}
