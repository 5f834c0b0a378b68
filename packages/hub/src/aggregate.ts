/** Entry point `@noy-db/hub/aggregate`: reducers, and the passes that run them. */
export { avg, count, max, min, sum, type AverageState } from './reduce/reducers.ts'
export { groupAndReduce, reduceRecords } from './reduce/reduce.ts'
export type { AggregateResult, AggregateSpec, Reducer } from './types/query.ts'
