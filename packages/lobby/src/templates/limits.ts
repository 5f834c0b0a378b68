/** Caps on template files and on what their expressions may use. `docs/limits.md` prints this table and a test compares the two. */
export const templateLimits = {
  /** UTF-8 bytes of a template file. */
  templateBytes: 1024 * 1024,
  /** Nesting of its JSON. */
  templateDepth: 32,
  templateVersions: 1000,
  templateCollections: 64,
  /** Described fields of one collection. */
  templateFields: 200,
  /** References of one collection. */
  templateRefs: 50,
  templateIndexes: 20,
  /** Rules of one collection. */
  templateRules: 50,
  templateTransforms: 500,
  /** Characters of one expression. */
  expressionChars: 20_000,
  /** Milliseconds one record may take in all steps of a chain before its worker is ended. */
  expressionRecordMs: 2000,
  /** Milliseconds one batch may take. */
  expressionBatchMs: 60_000,
  expressionBatchRecords: 200,
  /** UTF-8 bytes of one batch; a record that is larger travels alone. */
  expressionBatchBytes: 4 * 1024 * 1024,
  /** Nesting of calls while an expression runs. */
  expressionDepth: 500,
  /** Longest sequence an expression may make. */
  expressionSequence: 100_000,
  /** Memory of the worker. */
  expressionMemoryMiB: 256,
} as const
