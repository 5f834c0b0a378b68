/** Errors the published declarations of surfaces name; they keep their names and get a code and members besides. */
import { LobbyError } from '../errors.ts'

export class SurfaceNotFoundError extends LobbyError {
  readonly surfaceId: string

  constructor(surfaceId: string) {
    super('SURFACE_NOT_FOUND', `There is no surface ${surfaceId}.`)
    this.surfaceId = surfaceId
  }
}

export class SurfaceStateError extends LobbyError {
  readonly surfaceId: string
  readonly currentStatus: string
  readonly requiredStatus: string

  constructor(surfaceId: string, currentStatus: string, requiredStatus: string) {
    super('SURFACE_STATE', `Surface ${surfaceId} is ${currentStatus}; it has to be ${requiredStatus}.`)
    this.surfaceId = surfaceId
    this.currentStatus = currentStatus
    this.requiredStatus = requiredStatus
  }
}
