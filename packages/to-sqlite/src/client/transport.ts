import type { Reply, Request } from '../host/protocol.ts'

/** The caller's end of the line to a storage host. */
export interface Transport {
  /** `awaited`: the caller has nothing to do before the answer is there. */
  post(batch: readonly Request[], awaited: boolean): void
  /** While a call waits, the host keeps this process alive; an idle store does not. */
  setBusy(busy: boolean): void
  /** Settles when the host is gone, after a clean close or not. */
  readonly ended: Promise<string>
  /** For a host that does not answer any more. */
  kill(): void
}

export type ReplyListener = (replies: readonly Reply[]) => void
