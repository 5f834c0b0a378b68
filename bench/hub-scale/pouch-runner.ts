/** PouchDB over LevelDB, in the calling thread; neither encrypted nor flushed at each commit (LevelDB's default). */
import leveldb from 'pouchdb-adapter-leveldb'
import PouchDB from 'pouchdb-core'
import { records } from './hub-runner.ts'
import type { Runner } from './line.ts'

PouchDB.plugin(leveldb)

const open = (folder: string): PouchDB => new PouchDB(folder, { adapter: 'leveldb' })

const documents = (count: number): { readonly _id: string }[] =>
  Array.from(records(count), (record) => ({ ...record, _id: record.id }))

export function pouchRunner(run: (db: PouchDB, count: number) => Promise<number>): Runner {
  return {
    async fill(folder, count) {
      const db = open(folder)
      await db.bulkDocs(documents(count))
      await db.close()
    },
    async prepare(folder, count) {
      const db = open(folder)
      await db.get(documents(1)[0]?._id ?? '') // opened by the first call
      return { run: () => run(db, count), end: () => db.close() }
    },
  }
}

export function pouchBulkInsert(): Runner {
  return {
    async prepare(folder, count) {
      const db = open(folder)
      await db.put({ _id: 'first' })
      const made = documents(count)
      const run = async (): Promise<number> => (await db.bulkDocs(made)).filter(({ ok }) => ok).length
      return { run, end: () => db.close() }
    },
  }
}
