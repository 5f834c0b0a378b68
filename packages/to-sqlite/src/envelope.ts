/**
 * Envelopes as flat runs of cells. A flat array of strings and numbers clones across threads in half the time
 * of an array of envelope objects (10,000 envelopes: 9 to 15 ms against 18 to 22); packing slices into one transferable
 * buffer took 16 to 19 ms, so that was left out.
 */
import type { EncryptedEnvelope } from '@noy-db/hub/store'
import { isStorable, refuse } from './errors.ts'
import type { Cell } from './host/protocol.ts'

const known = new Set(['_noydb', '_v', '_ts', '_iv', '_data', '_by', '_source', '_sourceTs', '_aad'])

/** Appends the cells of one envelope. Members this version does not know travel as JSON, so none is lost. */
export function pushEnvelope(cells: Cell[], envelope: EncryptedEnvelope): void {
  const { _v, _ts, _iv, _data, _by, _source, _sourceTs, _aad } = envelope
  if (!Number.isSafeInteger(_v)) refuse('An envelope has no whole-number version.')
  if (typeof _ts !== 'string' || typeof _iv !== 'string' || typeof _data !== 'string') {
    refuse('An envelope lacks its time, initialisation vector or data.')
  }
  if (_iv === '' && !isStorable(_data)) refuse('The text of a plain envelope is not valid Unicode.')
  const extra = extraMembers(envelope)
  cells.push(_v, _ts, _iv, _data, _by ?? null, _source ?? null, _sourceTs ?? null, _aad ?? null, extra)
}

function extraMembers(envelope: EncryptedEnvelope): string | null {
  let extra: Record<string, unknown> | undefined
  for (const name in envelope) {
    if (!known.has(name)) (extra ??= {})[name] = Reflect.get(envelope, name)
  }
  return extra === undefined ? null : JSON.stringify(extra)
}

interface MutableEnvelope {
  _noydb: 1
  _v: number
  _ts: string
  _iv: string
  _data: string
  _by?: string
  _source?: string
  _sourceTs?: string
  _aad?: 1
}

/** Rebuilds the envelope whose cells start at `at`; null where the row is absent. */
export function readEnvelope(cells: readonly Cell[], at = 0): EncryptedEnvelope | null {
  if (cells[at] === null) return null
  const envelope: MutableEnvelope = {
    _noydb: 1,
    _v: cells[at] as number, // cells come from pushEnvelope or the table, whose columns are typed
    _ts: cells[at + 1] as string, // as above
    _iv: cells[at + 2] as string, // as above
    _data: cells[at + 3] as string, // as above
  }
  if (cells[at + 4] !== null) envelope._by = cells[at + 4] as string // as above
  if (cells[at + 5] !== null) envelope._source = cells[at + 5] as string // as above
  if (cells[at + 6] !== null) envelope._sourceTs = cells[at + 6] as string // as above
  if (cells[at + 7] !== null) envelope._aad = 1
  const extra = cells[at + 8]
  if (typeof extra === 'string') Object.assign(envelope, JSON.parse(extra))
  return envelope
}
