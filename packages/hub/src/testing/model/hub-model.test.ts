import { memory } from '../../memory.ts'
import { bareStore } from '../../noydb/test-session.ts'
import { hubModel } from './hub-model.ts'

const nothing = (): Promise<void> => Promise.resolve()

for (const kept of [false, true]) {
  hubModel('memory', async () => ({ store: memory(), close: nothing }), { runs: 150, kept })
  hubModel('six methods', async () => ({ store: bareStore(), close: nothing }), { runs: 100, kept })
}
