import type { AppContract, CallName } from '../../../src-shared/ipc/contract.ts'
import type { Handlers } from '../../../src-shared/ipc/define.ts'

/** The handlers of the calls named `<domain>.<verb>`. */
export type HandlersOf<Domain extends string> = Pick<
  Handlers<AppContract>,
  Extract<CallName, `${Domain}.${string}`>
>
