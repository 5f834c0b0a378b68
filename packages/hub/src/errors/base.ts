/** Base class and the errors any call can raise. */

/** Base of all hub errors. `code` is stable and safe to branch on; `message` is for people. */
export class NoydbError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = new.target.name
    this.code = code
  }
}

/** An argument, name or call that cannot be right, found before anything was read or written. */
export class ValidationError extends NoydbError {
  constructor(message = 'The value is not valid.') {
    super('VALIDATION_ERROR', message)
  }
}

/** Compare-and-set lost: `version` is what the store holds (0 when the record is absent). */
export class ConflictError extends NoydbError {
  readonly version: number

  constructor(version: number, message = `The store holds version ${version}.`) {
    super('CONFLICT', message)
    this.version = version
  }
}

/** The store lacks an optional method the call needs. */
export class StoreCapabilityError extends NoydbError {
  readonly capability: string

  constructor(capability: string, callerApi: string, storeName?: string) {
    super('STORE_CAPABILITY', `${callerApi} needs ${capability}, which ${storeName ?? 'this store'} lacks.`)
    this.capability = capability
  }
}
