/** What would leave under an agreement now. A preview shows it, an export sends it: there is no other way to find out. */
import type { LongWork, VaultApi } from '@noy-db/hub'
import type { SurfaceRow } from '../federation/registry/types.ts'
import type { Content } from './confinement.ts'
import type { GoneIds } from './exchange-entry.ts'
import type { ExchangeHead } from './exchange-rows.ts'
import { packSlice, type PackOptions, type SurfaceBundle } from './pack-surface.ts'
import { SentTracker } from './sent-records.ts'

export interface Outgoing extends SurfaceBundle {
  readonly content: Content
  readonly gone: GoneIds
  /** Null: everything is in it. */
  readonly base: number | null
  readonly tracker: SentTracker
}

export interface OutgoingInput extends LongWork {
  readonly head: ExchangeHead
  readonly exchangeId: string
  /** Everything, not only what changed since the last delivery the other party has taken. */
  readonly full?: boolean
  /** Sees every record of the slice, the ones that stay included. */
  readonly watch?: (collection: string, record: Record<string, unknown>) => void
}

/** Under a signed agreement. */
export async function collectOutgoing(
  source: VaultApi,
  row: SurfaceRow,
  { head, exchangeId, full = false, watch, ...work }: OutgoingInput,
): Promise<Outgoing> {
  const tracker = await SentTracker.read(source, {
    surface: row.id,
    slice: row,
    terms: row.agreement?.termsHash ?? '',
    acknowledged: full ? 0 : head.acknowledged,
  })
  const select: PackOptions['select'] = (collection, id, record) => {
    watch?.(collection, record)
    return tracker.select(collection, id, record)
  }
  const packed = await packSlice(row.id, source, row, { ...onlyWork(work), exchangeId, select })
  return { ...packed, gone: tracker.gone(), base: tracker.isFull ? null : head.acknowledged, tracker }
}

/** Without what else the caller was given. */
export function onlyWork({ signal, onProgress }: LongWork): LongWork {
  return { ...(signal !== undefined && { signal }), ...(onProgress !== undefined && { onProgress }) }
}
