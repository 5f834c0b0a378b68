/** Two offices with the same client each, that have not agreed on anything yet. */
import { build } from './build.ts'

export default (dataDir: string): Promise<void> => build('agreements/build.ts', dataDir)
