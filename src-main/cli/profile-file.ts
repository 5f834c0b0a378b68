/** A mapping profile in a JSON file. */
import { dockLimits } from '@klum-db/lobby'
import { resolve } from 'node:path'
import { readCapped } from '../console/capped-files.ts'
import { UsageError } from './arguments.ts'

/** Not checked beyond being JSON. @throws UsageError, AppError FILE_GONE, FILE_TOO_LARGE */
export async function readProfileFile(path: string): Promise<unknown> {
  const bytes = await readCapped(resolve(path), dockLimits.profileBytes)
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new UsageError('The file is no JSON. Nothing was changed.')
  }
}
