// Git hook: the first line of a commit message is conventional, so that the history reads as a list of changes.
import { readFileSync } from 'node:fs'

const types = 'build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test'
const [subject = '', second = ''] = readFileSync(process.argv[2], 'utf8').split('\n')
const problems = []

if (!/^(Merge|Revert|fixup!|squash!) ?/.test(subject)) {
  if (!new RegExp(`^(${types})(\\([a-z0-9-]+\\))?!?: \\S`).test(subject)) {
    problems.push(`"${subject}" is not "type(scope): what it does"; types: ${types.replaceAll('|', ', ')}`)
  }
  if (subject.length > 100) problems.push(`the subject has ${subject.length} characters; the limit is 100`)
  if (subject.endsWith('.')) problems.push('the subject ends without a full stop')
  if (second.trim() !== '') problems.push('the second line is empty')
}

for (const problem of problems) console.error(`commit message: ${problem}`)
process.exitCode = problems.length > 0 ? 1 : 0
