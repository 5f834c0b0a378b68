/**
 * Agreements between offices. Whatever one party decides is a small signed file for the other one; both keep all files, and
 * the agreement is what these make of it (`replay.ts`). Nothing here needs a network, or an order in which files arrive.
 */
import { generateULID } from '@noy-db/hub/kernel'
import type { VaultApi } from '@noy-db/hub'
import type { StateManagementVault } from '../federation/registry/state-management-vault.ts'
import type { SurfaceRow } from '../federation/registry/types.ts'
import type { SurfacePartyKey } from './agreement-types.ts'
import { ActRows, type SurfaceFile } from './act-rows.ts'
import { isExpired } from './agreement-row.ts'
import type { Consequence } from './consequences.ts'
import { parseDefinition, type SurfaceDefinition } from './definition.ts'
import { assertKnownNames } from './known-names.ts'
import { issueAct, planAct, type IssuedAct, type SurfaceDecision } from './issue.ts'
import { inspectAct, receiveAct, type ReceivedAct, type ReceiveOptions } from './receive.ts'
import { SurfaceStore, type Alongside } from './surface-store.ts'

export interface SurfacesOptions {
  /** Milliseconds since the epoch. */
  readonly clock?: () => number
}

export interface ProposeOptions {
  /** No answer counts after it; milliseconds since the epoch. */
  readonly answerBy?: number
  readonly reason?: string
  /** The vault it is about: then collections and fields have to be there. */
  readonly vault?: VaultApi
  /** Stages more writes of the same transaction. */
  readonly alongside?: Alongside
}

export class Surfaces {
  readonly #state: StateManagementVault
  readonly #store: SurfaceStore
  readonly #acts: ActRows
  readonly #clock: () => number

  constructor(state: StateManagementVault, { clock = Date.now }: SurfacesOptions = {}) {
    this.#state = state
    this.#store = new SurfaceStore(state)
    this.#acts = new ActRows(this.#store.vault)
    this.#clock = clock
  }

  list(): Promise<SurfaceRow[]> {
    return this.#store.list()
  }

  /** @throws SurfaceNotFoundError */
  get(id: string): Promise<SurfaceRow> {
    return this.#store.get(id)
  }

  /** Every signed file of both parties: the evidence. */
  files(id: string): Promise<SurfaceFile[]> {
    return this.#acts.files(id)
  }

  /**
   * A first proposal, for one other party; its key, where it is known, lets nobody else countersign.
   * @throws LobbyError SURFACE_INVALID, SURFACE_OWN_PROPOSAL, SurfaceStateError where the id is taken
   */
  async propose(
    definition: SurfaceDefinition,
    to: { readonly party: string; readonly publicKey?: string },
    { vault, alongside, ...options }: ProposeOptions = {},
  ): Promise<IssuedAct> {
    const { id = generateULID(), terms } = parseDefinition(definition)
    if (vault !== undefined) await assertKnownNames(vault, terms)
    const addressee: SurfacePartyKey = { party: to.party, publicKey: to.publicKey ?? null }
    const issuing = { now: this.#clock(), addressee, alongside }
    return issueAct(this.#state, id, { kind: 'propose', terms, ...options }, issuing)
  }

  /** What the decision would change, in words; nothing is signed or written. Throws what `decide` would. */
  consequences(id: string, decision: SurfaceDecision): Promise<Consequence[]> {
    return planAct(this.#state, id, decision, this.#clock())
  }

  /** Signs and keeps it. The file has to reach the other party. @throws LobbyError with a code of surfaces */
  decide(
    id: string,
    decision: SurfaceDecision,
    { alongside }: Pick<ProposeOptions, 'alongside'> = {},
  ): Promise<IssuedAct> {
    return issueAct(this.#state, id, decision, { now: this.#clock(), alongside })
  }

  /** What a file of the other party says and would change, before it is taken. Throws what `receive` would. */
  inspect(file: Uint8Array | string, options: ReceiveOptions = {}): Promise<ReceivedAct> {
    return inspectAct(this.#state, file, options, this.#clock())
  }

  /**
   * Takes a file of the other party; one that was taken before changes nothing.
   * @throws LobbyError SURFACE_FILE_*, SURFACE_PARTY, SurfacePartyUnknownError, or the code of an act that does not fit
   */
  receive(file: Uint8Array | string, options: ReceiveOptions = {}): Promise<ReceivedAct> {
    return receiveAct(this.#state, file, options, this.#clock())
  }

  /** Marks what has ended by now. Exchanges look at the time themselves and do not wait for this. */
  async expire(): Promise<SurfaceRow[]> {
    const now = this.#clock()
    const over = (await this.list()).filter((row) => isOver(row, now))
    return Promise.all(
      over.map(({ id }) =>
        this.#store.change(id, 'surfaces.expire', (row) => ({
          row: row === null || !isOver(row, now) ? null : { ...row, status: 'suspended', ending: 'expired' },
        })),
      ),
    )
  }
}

function isOver(row: SurfaceRow, now: number): boolean {
  return row.ending === undefined && isExpired(row, now)
}

export function openSurfaces(state: StateManagementVault, options?: SurfacesOptions): Surfaces {
  return new Surfaces(state, options)
}
