import { LobbyError } from '../errors.ts'

/** The bundle is of a newer version than the receiver; records are not taken back to an older one. */
export class MinVersionError extends LobbyError {
  readonly fromVersion: number
  readonly toVersion: number

  constructor(fromVersion: number, toVersion: number) {
    super('MIN_VERSION', `The bundle is of version ${fromVersion}, newer than version ${toVersion} here.`)
    this.fromVersion = fromVersion
    this.toVersion = toVersion
  }
}

/** A record, transformed as far as there are steps, does not fit the receiver's schema. */
export class MigrationTransformRequiredError extends LobbyError {
  readonly collection: string

  constructor(collection: string, cause?: unknown) {
    const message = `Records of ${collection} do not fit here after their migration; it lacks a step.`
    super('MIGRATION_TRANSFORM_REQUIRED', message, cause === undefined ? {} : { cause })
    this.collection = collection
  }
}
