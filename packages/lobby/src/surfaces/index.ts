/** Bilateral agreements about what leaves a vault, and the exchanges under them; docs/surfaces.md. */
export type * from './agreement-types.ts'
export type { SurfaceErrorCode } from './error-codes.ts'
export { SurfaceNotFoundError, SurfaceStateError } from './errors.ts'
export { SurfacePartyUnknownError } from './parties.ts'
export { surfaceLimits } from './limits.ts'
export type { SurfaceDefinition } from './definition.ts'
export { assertKnownNames } from './known-names.ts'
export { actOnSurface, agreeSurface, markSynced, proposeSurface, type SurfaceActInput } from './agree.ts'
export { isSurfaceDue, listDueSurfaces } from './due.ts'
export { SurfaceCadenceScheduler } from './cadence-scheduler.ts'
export { openSurfaces, type ProposeOptions, type Surfaces, type SurfacesOptions } from './surfaces.ts'
export type { IssuedAct, SurfaceDecision } from './issue.ts'
export type { ReceivedAct, ReceiveOptions } from './receive.ts'
export type { SurfaceFile } from './act-rows.ts'
export { decodeSurfaceFile, type SurfaceAct } from './act-file.ts'
export type { Consequence, ConsequenceCode } from './consequences.ts'
export type { SliceDifference, SurfaceSlice } from './terms.ts'
export type { SurfaceGate } from './gate.ts'
export {
  exportSurface,
  type ExportedSurface,
  type ExportSurfaceOptions,
  type SentExchange,
} from './export-surface.ts'
export { applySurface, type ApplySurfaceOptions, type RecordRef } from './apply-surface.ts'
export {
  previewSurface,
  type CollectionOutline,
  type PreviewRecord,
  type SurfacePreview,
} from './preview-surface.ts'
export {
  decodeSurfaceReceipt,
  surfaceReceipt,
  takeSurfaceReceipt,
  type ReceiptOptions,
  type SurfaceReceipt,
} from './receipt.ts'
export { decodeDelivery, isDelivery, type Delivery, type DeliveryNote } from './delivery.ts'
export type { CollectionContent, ExchangeEntry } from './exchange-entry.ts'
export {
  compareExchangeLogs,
  decodeExchangeLog,
  encodeExchangeLog,
  exchangePosition,
  listExchanges,
  type Divergence,
  type ExchangePosition,
  type LogComparison,
} from './exchange-log.ts'
export type { Cadence, CadenceOptions, CadenceStatus } from './cadence.ts'
export { SurfaceRunner, type RunReport, type SurfaceRunnerOptions } from './runner.ts'
