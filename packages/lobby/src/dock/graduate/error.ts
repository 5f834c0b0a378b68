import { LobbyError } from '../../errors.ts'
import type { GraduationFault } from './types.ts'

/** The unit cannot become a vault; nothing was written, and no vault was left. `faults` names the rows, where rows are to blame. */
export class UnitGraduationError extends LobbyError {
  readonly faults: readonly GraduationFault[]

  constructor(message: string, faults: readonly GraduationFault[] = [], options?: ErrorOptions) {
    super('UNIT_NOT_GRADUATED', message, options)
    this.faults = faults
  }
}
