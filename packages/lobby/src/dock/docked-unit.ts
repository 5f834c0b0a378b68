/** A foreign unit as it lies at the dock: read through its driver, never written to. */

export type ForeignRecord = Readonly<Record<string, unknown>>

/** What a foreign source has to answer. Records are read one by one, so a unit may be larger than memory. */
export interface UnitDriver {
  readonly unitId: string
  listCollections(): Promise<readonly string[]>
  readRecords(collection: string): AsyncIterable<ForeignRecord>
}

/** A unit that is in memory already. Unknown collections are empty. */
export class InMemoryUnitDriver implements UnitDriver {
  readonly unitId: string
  readonly #data: Readonly<Record<string, readonly ForeignRecord[]>>

  constructor(unitId: string, data: Record<string, readonly ForeignRecord[]>) {
    this.unitId = unitId
    this.#data = data
  }

  listCollections(): Promise<readonly string[]> {
    return Promise.resolve(Object.keys(this.#data))
  }

  async *readRecords(collection: string): AsyncIterable<ForeignRecord> {
    if (Object.hasOwn(this.#data, collection)) yield* this.#data[collection] ?? []
  }
}

/** What the rest of the engine sees of a driver: it can be read, and nothing else. */
export class DockedUnit {
  readonly driver: UnitDriver

  constructor(driver: UnitDriver) {
    this.driver = driver
  }

  get unitId(): string {
    return this.driver.unitId
  }

  listCollections(): Promise<readonly string[]> {
    return this.driver.listCollections()
  }

  readRecords(collection: string): AsyncIterable<ForeignRecord> {
    return this.driver.readRecords(collection)
  }
}
