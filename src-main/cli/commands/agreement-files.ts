/** Files of agreements on a command line: those that came are named, those that are made are written where `--out` says. */
import { resolve } from 'node:path'
import type { FileRef } from '../../../src-shared/ipc/common.ts'
import { writeWhole } from '../../console/capped-files.ts'
import type { Console } from '../../console/console.ts'
import { registeredClients } from '../../console/clients/names.ts'
import type { Open } from '../../console/session.ts'
import type { Arguments } from '../arguments.ts'
import { clientCalled } from '../workspace.ts'

/** Handle of the file the command names. */
export async function namedFile({ files }: Console, path: string): Promise<string> {
  return (await files.register(resolve(path), 'agreement')).handle
}

export async function writeMade({ files }: Console, { handle }: FileRef, path: string): Promise<void> {
  await writeWhole(path, (await files.read(handle)).bytes)
}

/** Vault of `--client`; undefined where it is not given. */
export async function clientOption(open: Open, args: Arguments): Promise<string | undefined> {
  const client = args.one('client')
  return client === undefined ? undefined : clientCalled(await registeredClients(open.state), client).vaultId
}
