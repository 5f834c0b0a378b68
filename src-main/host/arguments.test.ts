import path from 'node:path'
import { expect, test } from 'vitest'
import { readHostArguments } from './arguments.ts'

test('defaults: the workspace in the data folder, any port, stay open', () => {
  const options = readHostArguments([], '/data')
  expect(options).toEqual({ workspace: path.resolve('/data/workspace.lobby'), port: 0, once: false })
})

test('options in both spellings, switches of the shell passed over', () => {
  const options = readHostArguments(
    ['--no-sandbox', '.', '--workspace=/w/a.lobby', '--port=4711', '--once'],
    '/data',
  )
  expect(options).toEqual({ workspace: path.resolve('/w/a.lobby'), port: 4711, once: true })
})

test('options with their value as the next word', () => {
  expect(readHostArguments(['--workspace', '/w/b.lobby', '--port', '1'], '/data').workspace).toBe(
    path.resolve('/w/b.lobby'),
  )
  expect(() => readHostArguments(['--workspace'], '/data')).toThrow(TypeError)
})

test.each(['--port=abc', '--port=70000', '--port=-1'])('%s is refused', (argument) => {
  expect(() => readHostArguments([argument], '/data')).toThrow(TypeError)
})
