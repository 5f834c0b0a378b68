import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { confirmed } from './confirm.ts'

function terminal(isTTY: boolean, typed: string) {
  const [input, output] = [Object.assign(new PassThrough(), { isTTY }), new PassThrough()]
  input.end(typed)
  return { input, output }
}

test.each([
  ['y\n', true],
  [' Yes \n', true],
  ['n\n', false],
  ['\n', false],
  ['yesterday\n', false],
  ['', false],
])('%j is answered with %s', async (typed, expected) => {
  expect(await confirmed('Go on?', terminal(true, typed))).toBe(expected)
})

test('says that no is what nothing means, and asks nobody where there is no terminal', async () => {
  const asked = terminal(true, 'y\n')
  await confirmed('Go on?', asked)
  asked.output.end()
  expect(await text(asked.output)).toBe('Go on? [y/N] ')
  const piped = terminal(false, 'y\n')
  expect(await confirmed('Go on?', piped)).toBe(false)
  piped.output.end()
  expect(await text(piped.output)).toBe('')
})
