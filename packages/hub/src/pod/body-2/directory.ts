/** The directory of a body of format 2, sealed under the transfer key: which collections follow, how long, under which keys. */
import type { KeyObject } from 'node:crypto'
import { importKey, KEY_BYTES, openBytes, sealBytes } from '../../crypto/aead.ts'
import { BundleIntegrityError, TransferSealError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { decodeUtf8 } from '../container.ts'
import { own, readText, readWhole, refuseOtherMembers } from '../fields.ts'
import { checkedCollection, NAME_CHARS } from '../row-rules.ts'
import { isJsonObject, parseUntrustedObject } from '../untrusted-json.ts'
import { bindingData, type Binding } from './head.ts'

const PLACE = ['directory']
const MAX_DEPTH = 3
const KEY_CHARS = 44

export interface Section {
  readonly collection: string
  /** Used for this section and nothing else. */
  readonly key: KeyObject
  readonly records: number
  /** UTF-8 bytes of its lines. */
  readonly plainBytes: number
  /** Bytes of its chunks, as they lie in the body. */
  readonly sealedBytes: number
}

export interface Directory {
  readonly vault: string
  readonly userId: string
  readonly exportedAt: string
  readonly sections: readonly Section[]
}

/** @throws BundleIntegrityError when it is larger than a reader takes */
export function sealDirectory(transferKey: KeyObject, binding: Binding, directory: Directory): Buffer {
  const sections = directory.sections.map((section) => ({
    ...section,
    key: section.key.export().toString('base64'),
  }))
  const sealed = sealBytes(
    transferKey,
    JSON.stringify({ ...directory, sections }),
    bindingData(binding, PLACE),
  )
  if (sealed.length > limits.partitionDirectoryBytes)
    throw new BundleIntegrityError('The partition has too many collections.')
  return sealed
}

/** @throws TransferSealError for a wrong key, or for a head that is not the one the directory was sealed with */
export function openDirectory(transferKey: KeyObject, binding: Binding, sealed: Uint8Array): Directory {
  const directory = parseUntrustedObject(openText(transferKey, binding, sealed), 'The directory', MAX_DEPTH)
  refuseOtherMembers(directory, ['vault', 'userId', 'exportedAt', 'sections'], 'The directory')
  const sections = own(directory, 'sections')
  if (!Array.isArray(sections)) throw new BundleIntegrityError('The directory has no sections.')
  const read = sections.map(readSection)
  assertLimits(read)
  return {
    vault: readText(directory, 'vault', NAME_CHARS),
    userId: readText(directory, 'userId', NAME_CHARS),
    exportedAt: readText(directory, 'exportedAt', NAME_CHARS),
    sections: read,
  }
}

function openText(transferKey: KeyObject, binding: Binding, sealed: Uint8Array): string {
  try {
    return decodeUtf8(openBytes(transferKey, sealed, bindingData(binding, PLACE)), 'The directory')
  } catch (cause) {
    throw Object.assign(new TransferSealError('The transfer key does not open this bundle.'), { cause })
  }
}

function readSection(section: unknown): Section {
  if (!isJsonObject(section)) throw new BundleIntegrityError('The directory has a section that is none.')
  const members = ['collection', 'key', 'records', 'plainBytes', 'sealedBytes']
  refuseOtherMembers(section, members, 'A section of the directory')
  return {
    collection: checkedCollection(readText(section, 'collection', NAME_CHARS)),
    key: readKey(readText(section, 'key', KEY_CHARS)),
    records: readWhole(section, 'records', 1, limits.bundleRecords),
    plainBytes: readWhole(section, 'plainBytes', 1, limits.bundleExpandedBytes),
    sealedBytes: readWhole(section, 'sealedBytes', 1, limits.bundleBodyBytes),
  }
}

function readKey(base64: string): KeyObject {
  const raw = Buffer.from(base64, 'base64')
  if (raw.length !== KEY_BYTES) throw new TransferSealError('The directory holds a broken key.')
  return importKey(raw)
}

/** What is inflated together stays below the limits, whatever each section claims by itself. */
function assertLimits(sections: readonly Section[]): void {
  const sum = (of: (section: Section) => number): number =>
    sections.reduce((total, one) => total + of(one), 0)
  if (new Set(sections.map(({ collection }) => collection)).size < sections.length)
    throw new BundleIntegrityError('The directory names a collection twice.')
  if (sum(({ records }) => records) > limits.bundleRecords)
    throw new BundleIntegrityError(`The bundle has more than ${limits.bundleRecords} records.`)
  if (sum(({ plainBytes }) => plainBytes) > limits.bundleExpandedBytes)
    throw new BundleIntegrityError(`The body expands to more than ${limits.bundleExpandedBytes} bytes.`)
}
