// Names of failed tests out of the reports of vitest and Playwright, each with the first lines of its reason.

const REASON_LINES = 16
// eslint-disable-next-line no-control-regex -- reporters colour their messages
const colours = /\u001B\[[\d;]*m/g

/** @param {any} report vitest's JSON report */
export function failedUnits(report) {
  const files = report?.testResults ?? []
  return files.flatMap(({ name, message, assertionResults = [] }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    if (failed.length > 0)
      return failed.map(({ fullName, failureMessages }) =>
        told(`${name} › ${fullName}`, failureMessages?.[0]),
      )
    // A file that does not load has no tests to fail.
    return message ? [told(name, message)] : []
  })
}

/** @param {any} report Playwright's JSON report */
export function failedPages(report) {
  return (report?.suites ?? []).flatMap((suite) => [
    ...failedPages(suite),
    ...(suite.specs ?? []).filter(({ ok }) => !ok).map(failedSpec),
  ])
}

function failedSpec({ file, title, tests }) {
  const results = tests.flatMap(({ results = [] }) => results)
  return told(`${file} › ${title}`, results.find(({ error }) => error)?.error.message)
}

function told(name, reason = 'no reason given') {
  const lines = reason.replace(colours, '').split('\n')
  const said = lines.filter((line) => line.trim() !== '' && !/^\s+at /.test(line)).slice(0, REASON_LINES)
  return [name, ...said.map((line) => `  ${line}`)].join('\n')
}
