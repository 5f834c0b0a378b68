/**
 * Entry point `@noy-db/hub/testing`: one suite that every store passes, the hub against a model over it, and a store that
 * counts. Needs vitest.
 */
export { countDerivations } from './crypto/kdf.ts'
export { countingStore, type CountingStore } from './testing/counting-store.ts'
export { storeConformance, type ConformanceLevel, type MakeStore } from './testing/store-conformance.ts'
export { hubModel, type ModelOptions, type ModelStore } from './testing/model/hub-model.ts'
