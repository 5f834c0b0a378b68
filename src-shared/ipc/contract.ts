/** Every call between screen and main process. Start reading here. */
import { activityCalls } from './activity.ts'
import { agreementCalls } from './agreements.ts'
import { clientCalls } from './clients.ts'
import { conflictCalls } from './conflicts.ts'
import type { CallInput, CallOutput } from './define.ts'
import { exportCalls } from './exports.ts'
import { foreignCalls } from './foreign.ts'
import { importCalls } from './imports.ts'
import { receiptCalls } from './receipts.ts'
import { periodCalls } from './periods.ts'
import { systemCalls } from './system.ts'
import { templateCalls } from './templates.ts'
import { workspaceCalls } from './workspace.ts'

export const contract = {
  ...workspaceCalls,
  ...clientCalls,
  ...importCalls,
  ...foreignCalls,
  ...exportCalls,
  ...conflictCalls,
  ...receiptCalls,
  ...activityCalls,
  ...agreementCalls,
  ...periodCalls,
  ...templateCalls,
  ...systemCalls,
} as const

export type AppContract = typeof contract
export type CallName = keyof AppContract
export type InputOf<Name extends CallName> = CallInput<AppContract[Name]>
export type OutputOf<Name extends CallName> = CallOutput<AppContract[Name]>

type Domain = CallName extends `${infer D}.${string}` ? D : never
type Verb<D extends string> = CallName extends infer N ? (N extends `${D}.${infer V}` ? V : never) : never

/** `api.conflicts.decide(input)`: the shape the renderer's proxy has. */
export type Api = {
  readonly [D in Domain]: {
    readonly [V in Verb<D>]: `${D}.${V}` extends infer N
      ? N extends CallName
        ? (
            ...args: {} extends InputOf<N> ? [input?: InputOf<N>] : [input: InputOf<N>]
          ) => Promise<OutputOf<N>>
        : never
      : never
  }
}
