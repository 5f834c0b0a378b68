import { hubModel } from '@noy-db/hub/testing'
import { openStore } from './testing/workspace.ts'

hubModel(
  'sqlite',
  async () => {
    const store = await openStore()
    return { store, close: () => store.close() }
  },
  { runs: 12, kept: true },
)
