/**
 * The store port over one SQLite file. `sqliteStore()` owns a storage host (a worker thread, or a process on
 * Node 24 where the runtime cannot load the binding); nothing in the caller's thread touches SQLite.
 */
export { SqliteStoreError, type SqliteStoreErrorCode } from './errors.ts'
export type { OwnerNote } from './host/owner.ts'
export { type SqliteStore, type SqliteStoreOptions, sqliteStore } from './store.ts'
