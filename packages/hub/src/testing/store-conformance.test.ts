import { memory } from '../memory.ts'
import type { NoydbStore } from '../types/store.ts'
import { storeConformance } from './store-conformance.ts'

/** What a hand-written store offers: the six mandatory methods and nothing else. */
function sixMethods(): NoydbStore {
  const inner = memory()
  return {
    name: 'six methods',
    get: (...args) => inner.get(...args),
    put: (...args) => inner.put(...args),
    delete: (...args) => inner.delete(...args),
    list: (...args) => inner.list(...args),
    loadAll: (...args) => inner.loadAll(...args),
    saveAll: (...args) => inner.saveAll(...args),
  }
}

storeConformance('memory', async () => ({ store: memory() }), 'tx')
storeConformance('six methods', async () => ({ store: sixMethods() }), 'base')
