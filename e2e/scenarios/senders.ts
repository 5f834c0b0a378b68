/** A firm that knows its bookkeeper, and five files that claim to be from them. */
import { build } from './build.ts'

export default (dataDir: string): Promise<void> => build('senders/build.ts', dataDir)
