/** A bookkeeper who deleted records that a firm has too. */
import { build } from './build.ts'

export default (dataDir: string): Promise<void> => build('deletions/build.ts', dataDir)
