/** Entry point `@noy-db/hub/testing`: one suite that every store passes, and the hub against a model over it. Needs vitest. */
export { storeConformance, type ConformanceLevel, type MakeStore } from './testing/store-conformance.ts'
export { hubModel, type ModelOptions, type ModelStore } from './testing/model/hub-model.ts'
