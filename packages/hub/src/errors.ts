/**
 * Every error the hub raises, and the federation errors that the engine above it raises.
 * One module owns the classes so that `instanceof` holds whichever entry point they come from.
 */
export * from './errors/base.ts'
export * from './errors/access.ts'
export * from './errors/records.ts'
export * from './errors/query.ts'
export * from './errors/bundle.ts'
export * from './errors/federation.ts'
