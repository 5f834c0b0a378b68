/** The programs that run on a thread or process of their own: built beside the host that starts them. */
import path from 'node:path'
import type { ConsoleOptions } from '../console/options.ts'

/** @param folder of the host's own built file. */
export function workerEntries(
  folder: string,
): Pick<ConsoleOptions, 'storageEntry' | 'expressionEntry' | 'foreignEntry' | 'workbookEntry'> {
  return {
    storageEntry: path.join(folder, 'storage-host.js'),
    expressionEntry: path.join(folder, 'jsonata-worker.js'),
    foreignEntry: path.join(folder, 'foreign-host.js'),
    workbookEntry: path.join(folder, 'workbook-worker.js'),
  }
}
