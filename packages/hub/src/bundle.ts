/** Entry point `@noy-db/hub/bundle`: containers, and parts of a vault for someone without access to it. */
export { adoptPartition } from './pod/adopt-partition.ts'
export { createOwnerOnAdoptedPartition } from './pod/adopted-owner.ts'
export { readClosure, walkClosure, type Closure } from './pod/closure.ts'
export { ClosureRecords } from './pod/closure-records.ts'
export { hasNoydbBundleMagic } from './pod/container.ts'
export { decryptExtractedPartition } from './pod/decrypt-partition.ts'
export {
  describeClosure,
  describeExtraction,
  type CollectionPreview,
  type ExtractionPreview,
} from './pod/describe-extraction.ts'
export { extractPartition, packClosure } from './pod/extract-partition.ts'
export { readPartitionBinding, type PartitionBinding } from './pod/partition-binding.ts'
export {
  readNoydbBundle,
  readNoydbBundleHeader,
  readNoydbBundlePublicEnvelope,
  type ReadNoydbBundle,
  type ReadNoydbBundleOptions,
} from './pod/read-bundle.ts'
export { writeNoydbBundle } from './pod/write-bundle.ts'
export {
  AdoptionStateError,
  BundleIntegrityError,
  PartitionExtractionError,
  TransferSealError,
} from './errors.ts'
export type {
  AdoptedPartition,
  AdoptPartitionOptions,
  BundleBodyFormat,
  BundleCompression,
  CreateOwnerOptions,
  DecryptedRecord,
  DecryptPartitionOptions,
  ExtractedPartition,
  ExtractPartitionOptions,
  NoydbBundleHeader,
  PackPartitionOptions,
  PublicEnvelope,
  WalkClosureOptions,
  WalkClosureResult,
  WriteNoydbBundleOptions,
} from './types/bundle.ts'
