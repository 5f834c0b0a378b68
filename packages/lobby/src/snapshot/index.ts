/** One vault in one file: written, proved, put back. */
export { snapshotLimits, type SnapshotFacts, type SnapshotHeader, type SnapshotTotals } from './format.ts'
export { snapshotFacts } from './facts.ts'
export { restoreShardSnapshot, type RestoreOptions } from './restore.ts'
export { verifyShardSnapshot, type SnapshotProof } from './verify.ts'
export { writeShardSnapshot } from './write.ts'
