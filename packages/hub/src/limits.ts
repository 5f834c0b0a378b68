/** Caps on what comes from outside. `docs/limits.md` prints this table and a test compares the two. */
export const limits = {
  /** UTF-8 bytes of a record id. */
  idBytes: 512,
  /** UTF-8 bytes of a vault or collection name. */
  nameBytes: 256,
  /** Nesting of a record's JSON. */
  recordDepth: 64,
  /** UTF-8 bytes of one record's JSON. */
  recordBytes: 8 * 1024 * 1024,
  /** Header of a single-vault container. */
  bundleHeaderBytes: 64 * 1024,
  /** Body of a single-vault container as it travels. */
  bundleBodyBytes: 256 * 1024 * 1024,
  /** The same body once inflated; below the longest text the runtime can hold. */
  bundleExpandedBytes: 500 * 1024 * 1024,
  /** Records in one extracted partition. */
  bundleRecords: 1_000_000,
  /** Clear head of a partition body of format 2, and its sealed directory. */
  partitionHeadBytes: 4096,
  partitionDirectoryBytes: 4 * 1024 * 1024,
  /** Manifest of a multi-vault container. */
  manifestBytes: 4 * 1024 * 1024,
  /** Compartments of a multi-vault container. */
  compartments: 4096,
  /** Deleted records named in one compartment; more wait for the next message. Undecided ones have the same cap. */
  bundleDeletions: 20_000,
  /** Key derivation cost accepted from a stored keyring. */
  kdfMemoryKiB: 1024 * 1024,
  kdfPasses: 16,
  kdfParallelism: 16,
} as const
