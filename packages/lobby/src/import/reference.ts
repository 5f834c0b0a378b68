/** A strict reference of an arriving row. */
export interface Reference {
  readonly field: string
  readonly target: string
  /** Null for a value that cannot be an id. */
  readonly id: string | null
}

/** Names a record within its vault. */
export function targetKey(collection: string, id: string): string {
  return `${collection}\0${id}`
}
