/** Caps on agreements and on the files about them. `docs/limits.md` prints this table and a test compares the two. */
export const surfaceLimits = {
  /** Bytes of one signed file. */
  surfaceFileBytes: 256 * 1024,
  surfaceCollections: 64,
  /** Fields of one collection. */
  surfaceFields: 200,
  /** Milliseconds between two exchanges. */
  surfaceCadenceMinMs: 1000,
  surfaceCadenceMaxMs: 366 * 24 * 60 * 60 * 1000,
  /** Milliseconds an agreement may last before it has to be renewed. */
  surfaceTermMaxMs: 3 * 366 * 24 * 60 * 60 * 1000,
  /** Signed files of one party about one agreement. */
  surfaceActs: 1000,
  /** Characters of a reason. */
  surfaceReasonChars: 1000,
  /** UTF-8 bytes of an exported exchange log. */
  surfaceLogBytes: 16 * 1024 * 1024,
} as const
