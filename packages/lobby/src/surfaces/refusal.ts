/** The error of a code that `transitions.ts` or a file check answers with, in words. */
import { LobbyError } from '../errors.ts'
import type { SurfaceErrorCode } from './error-codes.ts'
import { SurfaceNotFoundError, SurfaceStateError } from './errors.ts'

const words: Readonly<Record<SurfaceErrorCode, string>> = {
  SURFACE_NOT_FOUND: 'There is no such surface.',
  SURFACE_STATE: 'The agreement is in another state.',
  SURFACE_INVALID: 'These terms cannot be agreed on.',
  SURFACE_OWN_PROPOSAL: 'Whoever proposed cannot countersign or decline it.',
  SURFACE_ASKED: 'Something that was asked is still unanswered.',
  SURFACE_NOT_NARROWER: 'A narrowing has to take something away, and may add nothing.',
  SURFACE_VERSION_OLD: 'This was made for an older version of the agreement.',
  SURFACE_EXPIRED: 'The time for this is over.',
  SURFACE_PARTY: 'This party is no party of the agreement.',
  SURFACE_PARTY_UNKNOWN: 'Nobody here has confirmed the key of this party.',
  SURFACE_SIGNED: 'A signed agreement changes by signed files alone.',
  SURFACE_FILE_INVALID: 'This is no file about a surface, or not all of it.',
  SURFACE_FILE_FORGED: 'The signature is not that of the party it names.',
  SURFACE_FILE_MISSING: 'An earlier file of this party has not been taken yet.',
  SURFACE_FILE_FORKED: 'Another file of the same number was taken.',
  SURFACE_DIRECTION: 'The agreement does not let this party do that.',
  SURFACE_DELIVERY_FOREIGN: 'The delivery belongs to another agreement, version or party.',
  SURFACE_OUTSIDE: 'The delivery holds what the agreement does not cover.',
  SURFACE_DELIVERY_OLD: 'A later delivery was taken already.',
  SURFACE_FULL_NEEDED: 'The delivery is built on one that never came; ask for a full one.',
  SURFACE_BUSY: 'This surface is being exchanged just now.',
}

/** `detail` follows the sentence. */
export function refusal(
  code: SurfaceErrorCode,
  surfaceId: string,
  detail?: string,
  required = 'in another one',
): LobbyError {
  if (code === 'SURFACE_NOT_FOUND') return new SurfaceNotFoundError(surfaceId)
  if (code === 'SURFACE_STATE') return new SurfaceStateError(surfaceId, detail ?? 'not ready', required)
  return new LobbyError(code, `${surfaceId}: ${words[code]}${detail === undefined ? '' : ` ${detail}`}`)
}
