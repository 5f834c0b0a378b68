/** What ids, collection names, times and clear members of a bundle may look like, the same in both body formats. */
import { BundleIntegrityError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { RecordMetadata } from '../types/collection.ts'
import { readMatch, readOptionalText, readWhole } from './fields.ts'
import type { JsonObject } from './untrusted-json.ts'

export const NAME_CHARS = 512
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

/** @throws BundleIntegrityError */
export function checkedId(id: string): string {
  // Most ids are short enough that counting their bytes cannot matter.
  const fits = id.length * 3 <= limits.idBytes || Buffer.byteLength(id) <= limits.idBytes
  if (id !== '' && fits && id.isWellFormed()) return id
  throw new BundleIntegrityError('The bundle has a record whose id is empty, too long or no text.')
}

/** @throws BundleIntegrityError */
export function checkedCollection(name: string): string {
  if (!name.startsWith('_') && name !== '' && Buffer.byteLength(name) <= limits.nameBytes) return name
  throw new BundleIntegrityError('The bundle has a collection that cannot be one.')
}

/** `_v`, `_ts`, `_by`, `_source` and `_sourceTs` of an envelope or a line. @throws BundleIntegrityError */
export function readClear(value: JsonObject): RecordMetadata {
  const by = readOptionalText(value, '_by', NAME_CHARS)
  const source = readOptionalText(value, '_source', NAME_CHARS)
  const sourceTs = readOptionalText(value, '_sourceTs', NAME_CHARS)
  return {
    version: readWhole(value, '_v', 1),
    timestamp: readTime(value, '_ts'),
    ...(by !== undefined && { by }),
    ...(source !== undefined && { source }),
    ...(sourceTs !== undefined && { sourceTs }),
  }
}

/** The other way round, in the order of the format. */
export function clearMembers(clear: RecordMetadata): Record<string, unknown> {
  return {
    _v: clear.version,
    _ts: clear.timestamp,
    ...(clear.by !== undefined && { _by: clear.by }),
    ...(clear.source !== undefined && { _source: clear.source }),
    ...(clear.sourceTs !== undefined && { _sourceTs: clear.sourceTs }),
  }
}

function readTime(value: JsonObject, name: string): string {
  const text = readMatch(value, name, ISO_TIME)
  if (Number.isNaN(Date.parse(text))) throw new BundleIntegrityError(`"${text}" is no time.`)
  return text
}
