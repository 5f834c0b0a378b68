/** Bundles and partitions. */
import { NoydbError } from './base.ts'

/** A partition could not be extracted as asked. */
export class PartitionExtractionError extends NoydbError {
  constructor(message: string) {
    super('PARTITION_EXTRACTION', message)
  }
}

/** The transfer key does not open this bundle, or is not a key. */
export class TransferSealError extends NoydbError {
  constructor(message: string) {
    super('TRANSFER_SEAL', message)
  }
}

/** An adopted partition is not in the state the call needs. */
export class AdoptionStateError extends NoydbError {
  constructor(message: string) {
    super('ADOPTION_STATE', message)
  }
}

/** A container, header or body is truncated, altered or beyond its limits. */
export class BundleIntegrityError extends NoydbError {
  constructor(message: string) {
    super('BUNDLE_INTEGRITY', message)
  }
}
