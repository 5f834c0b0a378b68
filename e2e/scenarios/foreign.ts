/** A firm that gets files of other programs. */
import { build } from './build.ts'

export default (dataDir: string): Promise<void> => build('foreign/build.ts', dataDir)
