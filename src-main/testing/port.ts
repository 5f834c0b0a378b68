/** What a component test and its host say to each other: the cable of every host, and how a workspace begins. */
import type { WireResult } from '../../src-shared/ipc/errors.ts'
import type { Transport, WireCall, WireEvent } from '../../src-shared/ipc/transport.ts'

/** What one side made of an invoice: fields over the shared base, or the end of it. */
export type SideSeed = Readonly<Record<string, unknown>> | 'deleted'

/** One invoice two offices had in common, and what each made of it since. */
export interface InvoiceSeed {
  readonly base?: Readonly<Record<string, unknown>>
  readonly ours: SideSeed
  readonly theirs: SideSeed
}

export interface WorkspaceSeed {
  /** Invoices 10248, 10249, … of the client "Vins et alcools Chevalier", in the order the queue lists them. */
  readonly invoices: readonly InvoiceSeed[]
  /**
   * What theirs made is not imported: it lies in a bundle that the file dialog offers, with its key, together with a
   * client "Bon app" that is not known here. Their side is written past the template, so it may break its rules.
   */
  readonly waiting?: boolean
  /** Content of a file `statement.csv` of another program, which the file dialog offers in place of the bundle. */
  readonly foreign?: string
}

/** How this host is found on the window, beside the transport the preload would have put there. */
export interface TestHost {
  readonly transport: Transport
  /** Starts over on an unlocked workspace of its own; the one before is closed. */
  begin(seed: WorkspaceSeed): Promise<void>
}

export const hostKey = 'lobbyTestHost'
export const passphrase = 'four plain words here'

export type ToHost = { readonly at: number } & (
  { readonly begin: WorkspaceSeed } | { readonly call: WireCall }
)
/** `fault`: the host itself failed, which is never an answer. */
export type FromHost =
  | { readonly at: number; readonly result: WireResult }
  | { readonly at: number; readonly fault: string }
  | { readonly event: WireEvent }
