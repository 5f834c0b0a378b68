/** Where a passphrase comes from: never from the command line, which every process of the machine can read. */
import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { AppError } from '../console/app-error.ts'
import { type Arguments, type OptionTable, UsageError } from './arguments.ts'
import { askPassphrase } from './ask-passphrase.ts'

export const passphraseOptions: OptionTable = {
  'passphrase-file': { type: 'string' },
  'passphrase-fd': { type: 'string' },
}

const MAX_CHARS = 4096

/** The first line of the file or descriptor; without either it is asked for. @throws UsageError, AppError */
export async function readPassphrase(args: Arguments): Promise<string> {
  const [file, descriptor] = [args.one('passphrase-file'), args.number('passphrase-fd')]
  if (file !== undefined && descriptor !== undefined)
    throw new UsageError('Name a file or a descriptor for the passphrase, not both.')
  if (file !== undefined) return fromFile(file)
  if (descriptor !== undefined) return firstLine(descriptor, `Descriptor ${descriptor}`)
  try {
    return await askPassphrase('Passphrase: ')
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
