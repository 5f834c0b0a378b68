/** A store that notes every call it passes on, to show what an operation touches. */
import type { NoydbStore } from '../types/store.ts'

type Countable = NoydbStore & Required<Pick<NoydbStore, 'getMany' | 'listPage' | 'listByToken'>>

export interface CountingStore {
  readonly store: NoydbStore
  /** `method collection id` of each call since the last look, with rows given by pages as `page collection id`. */
  calls(): string[]
}

export function countingStore(inner: Countable): CountingStore {
  let noted: string[] = []
  const notePage = async (collection: string, page: ReturnType<Countable['listPage']>) => {
    const found = await page
    for (const { id } of found.items) noted.push(`page ${collection} ${id}`)
    return found
  }
  const store: NoydbStore = {
    ...inner,
    get: (vault, collection, id) => {
      noted.push(`get ${collection} ${id}`)
      return inner.get(vault, collection, id)
    },
    getMany: (vault, collection, ids) => {
      for (const id of ids) noted.push(`get ${collection} ${id}`)
      return inner.getMany(vault, collection, ids)
    },
    list: (vault, collection) => {
      noted.push(`list ${collection}`)
      return inner.list(vault, collection)
    },
    listPage: (vault, collection, ...rest) =>
      notePage(collection, inner.listPage(vault, collection, ...rest)),
    listByToken: (vault, collection, ...rest) =>
      notePage(collection, inner.listByToken(vault, collection, ...rest)),
  }
  return {
    store,
    calls() {
      const before = noted
      noted = []
      return before
    },
  }
}
