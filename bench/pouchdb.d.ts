// The part of PouchDB that the benches use; it ships no types.
declare module 'pouchdb-core' {
  interface Row {
    readonly doc?: Record<string, unknown>
  }
  export default class PouchDB {
    static plugin(plugin: unknown): typeof PouchDB
    constructor(folder: string, options: { readonly adapter: string })
    put(doc: { readonly _id: string }): Promise<unknown>
    get(id: string): Promise<Record<string, unknown>>
    bulkDocs(docs: readonly { readonly _id: string }[]): Promise<ReadonlyArray<{ readonly ok?: boolean }>>
    allDocs(options: { readonly include_docs: boolean }): Promise<{ readonly rows: readonly Row[] }>
    close(): Promise<void>
  }
}
declare module 'pouchdb-adapter-leveldb' {
  const adapter: unknown
  export default adapter
}
