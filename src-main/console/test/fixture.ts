/** A console on a real SQLite file in a folder of its own, with key derivation cheap enough for tests. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { CallContext } from '../../../src-shared/ipc/define.ts'
import type { EventMap, EventName } from '../../../src-shared/ipc/events.ts'
import { type Console, createConsole } from '../console.ts'
import type { ConsoleOptions } from '../options.ts'

export const passphrase = 'four plain words here'
export const cheapKdf = { memoryKiB: 8, passes: 1, parallelism: 1 }
export const resourcesDir = join(import.meta.dirname, '../../../resources')

export interface Heard {
  readonly name: EventName
  readonly payload: EventMap[EventName]
}

export interface TestConsole extends Console {
  readonly file: string
  readonly folder: string
  readonly heard: Heard[]
}

export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lobby-console-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

export function testConsole(options: Partial<ConsoleOptions> = {}, folder = testFolder()): TestConsole {
  const file = options.file ?? join(folder, 'workspace.lobby')
  const heard: Heard[] = []
  const console = createConsole({
    file,
    host: 'loopback',
    resourcesDir,
    kdf: cheapKdf,
    emit: (name, payload) => void heard.push({ name, payload }),
    ...options,
  })
  onTestFinished(() => console.close())
  return Object.assign(console, { file, folder, heard })
}

export async function newWorkspace(
  firmName = 'Alder & Co',
  options: Partial<ConsoleOptions> = {},
): Promise<TestConsole> {
  const console = testConsole(options)
  await console.workspace.create(
    { firmName, userName: 'Anna Berger', passphrase, demo: false },
    () => undefined,
  )
  return console
}

export function callContext(): CallContext {
  return { jobId: 'test', signal: new AbortController().signal, progress: () => undefined }
}

export const invoice = {
  number: '10248',
  customerName: 'Vins et alcools Chevalier',
  issueDate: '2026-05-03',
  dueDate: '2026-06-02',
  currency: 'EUR',
  lines: [
    { lineNo: 1, description: 'Chai', quantity: '12', unitPrice: '14.00', amount: 16800 },
    { lineNo: 2, description: 'Chang', quantity: '10', unitPrice: '9.80', amount: 9800 },
  ],
  freight: 3238,
  total: 29838,
  shipName: 'Vins et alcools Chevalier',
}
