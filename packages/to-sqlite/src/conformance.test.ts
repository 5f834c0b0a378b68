import { storeConformance } from '@noy-db/hub/testing'
import { sqliteStore } from './index.ts'
import { tempFile } from './testing/workspace.ts'

for (const host of ['worker', 'process'] as const) {
  const makeStore = async () => {
    const store = await sqliteStore({ file: tempFile(), host, durability: 'normal' })
    return { store, dispose: () => store.close() }
  }
  storeConformance(`sqlite in a ${host}`, makeStore, 'tx')
}
