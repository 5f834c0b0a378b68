/**
 * Foreign SQLite files for the dock. A host of their own (a worker thread, or a process on Node 24 where the runtime cannot
 * load the binding) opens a private copy, read-only, and runs nothing but scans of ordinary tables.
 */
export { foreignSqlite, type ForeignSqliteOptions } from './foreign-sqlite.ts'
