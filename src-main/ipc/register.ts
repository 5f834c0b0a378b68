/**
 * The one place where a call from a screen enters: looked up, parsed, run, shaped.
 * Hosts hand over whatever arrived on their cable; they never see a handler.
 */
import { z } from 'zod'
import { contract, type AppContract, type CallName } from '../../src-shared/ipc/contract.ts'
import type { AnyCall, CallContext, Handlers } from '../../src-shared/ipc/define.ts'
import type { WireResult } from '../../src-shared/ipc/errors.ts'
import { AppError } from '../console/app-error.ts'
import { encodeError, type ErrorLog } from './encode-error.ts'
import { createLanes } from './lanes.ts'

/** A started call: what it may report, and how it is stopped. */
export interface RunningJob extends CallContext {
  readonly end: () => void
}

export interface RegistrarOptions {
  readonly handlers: Handlers<AppContract>
  readonly startJob: (jobId: string, call: CallName) => RunningJob
  readonly log: ErrorLog
  /** Development and tests: a handler that answers in another shape than declared is an internal error. */
  readonly checkOutput: boolean
}

/** Parsing every answer costs a person time and helps them nothing, so only tests and development ask for it. */
export function checksOutput(): boolean {
  return process.env['LOBBY_CHECK_OUTPUT'] === '1'
}

/** Answers one call; never rejects. */
export type Dispatch = (call: unknown) => Promise<WireResult>

const wireCall = z
  .object({ id: z.string().min(1).max(64), name: z.string().min(1).max(64), input: z.unknown().default({}) })
  .strict()

export function registerContract(options: RegistrarOptions): Dispatch {
  const lanes = createLanes()
  return async (raw) => {
    const parsed = wireCall.safeParse(raw)
    if (!parsed.success) return refuse(new AppError('BAD_INPUT', 'The call is not in the expected form.'))
    const { id, name, input } = parsed.data
    if (!isCallName(name)) return refuse(new AppError('UNKNOWN_CALL', `There is no call named ${name}.`))
    const spec: AnyCall = contract[name]
    const checked = spec.input.safeParse(input)
    if (!checked.success) return refuse(badInput(name, checked.error))
    const run = () => runCall(options, { id, name, spec, input: checked.data })
    return spec.kind === 'command' ? lanes.run(laneOf(name), run) : run()
  }

  function refuse(error: AppError): WireResult {
    return { ok: false, error: encodeError(error, options.log) }
  }
}

interface CheckedCall {
  readonly id: string
  readonly name: CallName
  readonly spec: AnyCall
  readonly input: unknown
}

async function runCall(options: RegistrarOptions, call: CheckedCall): Promise<WireResult> {
  const job = options.startJob(call.id, call.name)
  try {
    // The name picked both the parser and the handler, which the compiler cannot follow through a union.
    const handler = options.handlers[call.name] as (input: unknown, context: CallContext) => Promise<unknown>
    const value = await handler(call.input, job)
    return { ok: true, value: options.checkOutput ? call.spec.output.parse(value) : value }
  } catch (error) {
    return { ok: false, error: encodeError(error, options.log) }
  } finally {
    job.end()
  }
}

function isCallName(name: string): name is CallName {
  return Object.hasOwn(contract, name)
}

/** Commands of one domain wait for each other; stopping a job, or locking, waits for nothing. */
function laneOf(name: CallName): string | null {
  if (name === 'jobs.cancel' || name === 'workspace.lock') return null
  return name.slice(0, name.indexOf('.'))
}

function badInput(name: string, error: z.ZodError): AppError {
  // Paths and rules only: the values may hold a passphrase.
  const issues = error.issues
    .slice(0, 10)
    .map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
  return new AppError('BAD_INPUT', `${name} was called with values that do not fit.`, { issues })
}
