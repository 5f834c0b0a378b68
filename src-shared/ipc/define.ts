/**
 * How a call is declared. One declaration gives the channel name, the input parser, the handler's type and the
 * client's type, so the two sides cannot drift apart.
 */
import { z } from 'zod'

export interface CallSpec<Kind extends 'query' | 'command', In extends z.ZodType, Out extends z.ZodType> {
  /** A query may be repeated freely; a command changes something and is serialised. */
  readonly kind: Kind
  readonly input: In
  readonly output: Out
}

export type AnyCall = CallSpec<'query' | 'command', z.ZodType, z.ZodType>
export type Contract = Readonly<Record<string, AnyCall>>

export function query<In extends z.ZodType, Out extends z.ZodType>(
  input: In,
  output: Out,
): CallSpec<'query', In, Out> {
  return { kind: 'query', input, output }
}

export function command<In extends z.ZodType, Out extends z.ZodType>(
  input: In,
  output: Out,
): CallSpec<'command', In, Out> {
  return { kind: 'command', input, output }
}

/** A passphrase or key. Inputs are never logged; the name says which ones never may be. */
export function secret(max = 1024): z.ZodString {
  return z.string().min(1).max(max)
}

/** What the caller passes. */
export type CallInput<C extends AnyCall> = z.input<C['input']>
/** What the handler receives, defaults filled in. */
export type HandlerInput<C extends AnyCall> = z.output<C['input']>
export type CallOutput<C extends AnyCall> = z.output<C['output']>

/** What every handler gets beside its input. */
export interface CallContext {
  /** Id of this call; also the id under which progress is reported and `jobs.cancel` stops it. */
  readonly jobId: string
  readonly signal: AbortSignal
  readonly progress: (done: number, total: number, label?: string) => void
}

/** One handler per call; a missing or an extra one does not compile. */
export type Handlers<C extends Contract> = {
  readonly [Name in keyof C]: (
    input: HandlerInput<C[Name]>,
    context: CallContext,
  ) => Promise<CallOutput<C[Name]>>
}
