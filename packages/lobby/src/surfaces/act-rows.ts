/** The signed files of each agreement, as they were made or came in: the evidence, kept for good. */
import type { Transaction, VaultApi } from '@noy-db/hub'
import { pace } from '../pace.ts'
import { StateRows } from '../state-rows.ts'
import type { SurfaceSide } from './agreement-types.ts'
import { decodeSurfaceFile, encodeSurfaceFile, type SurfaceAct } from './act-file.ts'
import { refusal } from './refusal.ts'
import { known, type KnownActs } from './replay.ts'
import { numberedRow, rowPrefix } from './row-ids.ts'

/** Row of the state vault's `surfaceActs`. */
interface StoredAct {
  readonly surface: string
  readonly side: SurfaceSide
  readonly number: number
  /** The whole file. */
  readonly file: string
  /** When it was made or came in here; milliseconds since the epoch. */
  readonly keptAt: number
  /** It came in from the other office. */
  readonly received: boolean
}

export interface SurfaceFile {
  readonly side: SurfaceSide
  readonly act: SurfaceAct
  readonly hash: string
  readonly file: string
  readonly keptAt: number
  /** It came in from the other office. */
  readonly received: boolean
}

export interface KeptNote {
  readonly keptAt: number
  readonly received: boolean
}

export class ActRows {
  readonly #rows: StateRows<StoredAct>

  constructor(vault: VaultApi) {
    this.#rows = new StateRows(vault, 'surfaceActs')
  }

  /** By party, then number; every signature checked again. @throws LobbyError SURFACE_FILE_FORGED for a row that was altered */
  async files(surface: string): Promise<SurfaceFile[]> {
    const slices = pace(undefined)
    const files: SurfaceFile[] = []
    for (const { file, ...note } of await this.#rows.list(rowPrefix(surface))) {
      await slices.step()
      const { act, hash } = known(decodeSurfaceFile(file))
      if (act.surface !== surface) throw refusal('SURFACE_FILE_FORGED', surface)
      const { side, keptAt, received } = note
      files.push({ side, act, hash, file, keptAt, received })
    }
    return files
  }

  async acts(surface: string): Promise<KnownActs> {
    const files = await this.files(surface)
    return {
      proposer: files.filter(({ side }) => side === 'proposer'),
      other: files.filter(({ side }) => side === 'other'),
    }
  }

  /** Refused by the store where another act of this party has the number. */
  add(tx: Transaction, side: SurfaceSide, act: SurfaceAct, note: KeptNote): void {
    const { surface, number } = act
    const id = numberedRow(`${rowPrefix(surface)}${side}/`, number)
    this.#rows.put(tx, id, { surface, side, number, file: encodeSurfaceFile(act), ...note }, 0)
  }
}
