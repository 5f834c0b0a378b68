/** Every call of the contract, handed to the service that answers it; a missing or an extra one does not compile. */
import type { AppContract } from '../../../src-shared/ipc/contract.ts'
import type { Handlers } from '../../../src-shared/ipc/define.ts'
import type { Console } from '../../console/console.ts'
import { activityHandlers } from './activity.ts'
import { agreementHandlers } from './agreements.ts'
import { clientHandlers } from './clients.ts'
import { conflictHandlers } from './conflicts.ts'
import { exportHandlers } from './exports.ts'
import { foreignHandlers } from './foreign.ts'
import { importHandlers } from './imports.ts'
import { receiptHandlers } from './receipts.ts'
import { periodHandlers } from './periods.ts'
import { systemHandlers } from './system.ts'
import { templateHandlers } from './templates.ts'
import { workspaceHandlers } from './workspace.ts'

export function createHandlers(console: Console) {
  return {
    ...workspaceHandlers(console),
    ...clientHandlers(console),
    ...importHandlers(console),
    ...foreignHandlers(console),
    ...exportHandlers(console),
    ...conflictHandlers(console),
    ...receiptHandlers(console),
    ...activityHandlers(console),
    ...agreementHandlers(console),
    ...periodHandlers(console),
    ...templateHandlers(console),
    ...systemHandlers(console),
  } satisfies Handlers<AppContract>
}
