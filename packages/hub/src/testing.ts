/** Entry point `@noy-db/hub/testing`: one suite that every store passes. Needs vitest. */
export { storeConformance, type ConformanceLevel, type MakeStore } from './testing/store-conformance.ts'
