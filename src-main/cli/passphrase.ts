/** Where a passphrase comes from: never from the command line, which every process of the machine can read. */
import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { keyPassphraseChars } from '../../src-shared/model/keys.ts'
import { AppError } from '../console/app-error.ts'
import { type Arguments, type OptionTable, UsageError } from './arguments.ts'
import { askPassphrase } from './ask-passphrase.ts'

export const passphraseOptions: OptionTable = {
  'passphrase-file': { type: 'string' },
  'passphrase-fd': { type: 'string' },
}

const MAX_CHARS = 4096

/** Of a key file, apart from the workspace's. */
export const keyPassphraseOptions: OptionTable = {
  'key-passphrase-file': { type: 'string' },
  'key-passphrase-fd': { type: 'string' },
}
export const keyPassphraseUsage = '[--key-passphrase-file FILE | --key-passphrase-fd N]'

/** The first line of the file or descriptor; without either it is asked for. @throws UsageError, AppError */
export async function readPassphrase(args: Arguments): Promise<string> {
  return given(args, 'passphrase') ?? ask('Passphrase: ')
}

/** For a key file that came under one. @throws UsageError, AppError */
export async function readKeyPassphrase(args: Arguments): Promise<string> {
  return given(args, 'key-passphrase') ?? ask('Passphrase of the key file: ')
}

/** For a key file that is made; asked for twice, since nobody sees what is typed. @throws UsageError, AppError */
export async function readNewKeyPassphrase(args: Arguments): Promise<string> {
  const passphrase = given(args, 'key-passphrase') ?? (await askTwice())
  if (passphrase.length < keyPassphraseChars)
    throw new UsageError(`The passphrase of a key file has at least ${keyPassphraseChars} characters.`)
  return passphrase
}

function given(args: Arguments, option: 'passphrase' | 'key-passphrase'): string | undefined {
  const [file, descriptor] = [args.one(`${option}-file`), args.number(`${option}-fd`)]
  if (file !== undefined && descriptor !== undefined)
    throw new UsageError('Name a file or a descriptor for the passphrase, not both.')
  if (file !== undefined) return fromFile(file)
  return descriptor === undefined ? undefined : firstLine(descriptor, `Descriptor ${descriptor}`)
}

async function askTwice(): Promise<string> {
  const passphrase = await ask('Passphrase of the key file: ')
  if ((await ask('The same once more: ')) === passphrase) return passphrase
  throw new UsageError('The two passphrases differ. Nothing was exported.')
}

async function ask(question: string): Promise<string> {
  try {
    return await askPassphrase(question)
  } catch {
    throw new UsageError('No passphrase was given.')
  }
}

function fromFile(path: string): string {
  const descriptor = unlessUnreadable(`The passphrase file ${path}`, () => openSync(path, 'r'))
  try {
    refuseShared(path, fstatSync(descriptor))
    return firstLine(descriptor, `The passphrase file ${path}`)
  } finally {
    closeSync(descriptor)
  }
}

function unlessUnreadable<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw Object.assign(new AppError('FILE_GONE', `${what} cannot be read. Nothing was done.`), { cause })
  }
}

/** As ssh does with its keys. */
function refuseShared(path: string, { mode }: Stats): void {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return
  const message = `Others on this machine can read ${path}. Nothing was done. Allow it to yourself alone (chmod 600).`
  throw new AppError('FORBIDDEN', message)
}

function firstLine(descriptor: number, what: string): string {
  const text = unlessUnreadable(what, () => readFileSync(descriptor, 'utf8'))
  const [line = ''] = text.slice(0, MAX_CHARS).split(/\r?\n/)
  if (line === '') throw new UsageError('The passphrase is empty.')
  return line
}
