/** Public entry point of the lobby engine. */
export type * from './identity/types.ts'
export type * from './import/types.ts'
export type * from './interchange/types.ts'
export type * from './queue/types.ts'
