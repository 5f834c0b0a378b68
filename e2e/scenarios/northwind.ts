/** The firm and its bookkeeper at month end. */
import { build } from './build.ts'

export default (dataDir: string): Promise<void> => build('northwind/build.ts', dataDir)
