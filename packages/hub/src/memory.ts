/** Entry point `@noy-db/hub/memory`: a store that lives as long as its object. */
export { memory } from './memory/store.ts'
