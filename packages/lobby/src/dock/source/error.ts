import { LobbyError } from '../../errors.ts'
import { placeText, type Place } from './place.ts'

/** A foreign file that is damaged, hostile or beyond its limits: nothing of it is taken. */
export class SourceError extends LobbyError {
  readonly place: Place | null

  constructor(code: 'SOURCE_INVALID' | 'SOURCE_LIMIT', message: string, place: Place | null = null) {
    super(code, place === null ? message : `${message} (${placeText(place)})`)
    this.place = place
  }
}

export function invalid(message: string, place?: Place): SourceError {
  return new SourceError('SOURCE_INVALID', message, place)
}

export function beyond(message: string, place?: Place): SourceError {
  return new SourceError('SOURCE_LIMIT', message, place)
}
