/** Caps on foreign sources. `docs/limits.md` prints this table and a test compares the two. */
export const dockLimits = {
  /** Bytes of one foreign file. */
  sourceBytes: 512 * 1024 * 1024,
  /** Bytes of a file that is read as a whole: an invoice, a bank statement. */
  documentBytes: 32 * 1024 * 1024,
  /** Bytes of an archive's parts once inflated, all together. */
  expandedBytes: 1024 * 1024 * 1024,
  /** Inflated bytes for each packed one, beyond the first MiB of a part. */
  expansionRatio: 200,
  /** Parts of an archive. */
  archiveParts: 10_000,
  /** Rows of one table. */
  rows: 1_000_000,
  /** Columns of one table. */
  columns: 1000,
  /** Characters of one cell. */
  cellChars: 100_000,
  /** Characters of one row of text. */
  rowChars: 1_000_000,
  /** Characters of all shared texts of a workbook. */
  sharedTextChars: 64 * 1024 * 1024,
  /** Tables of one source. */
  tables: 256,
  /** Nesting of a document's elements or of a JSON line. */
  nesting: 64,
  /** Elements of one document. */
  elements: 2_000_000,
  /** Faults of one row that are listed. */
  faultsPerRow: 20,
  /** Rows that make one record. */
  rowsOfRecord: 10_000,
  /** Characters, as JSON, of records that wait for more of their rows: all of them together. */
  groupedChars: 128 * 1024 * 1024,
  /** Faults of one record of several rows that are listed. */
  faultsPerRecord: 100,
  /** Columns of a mapping profile. */
  profileFields: 200,
  /** UTF-8 bytes of a mapping profile. */
  profileBytes: 256 * 1024,
} as const
