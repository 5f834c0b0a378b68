import type { Console } from '../../console/console.ts'
import type { HandlersOf } from './domain.ts'

export const workspaceHandlers = ({ workspace }: Console): HandlersOf<'workspace'> => ({
  'workspace.status': () => workspace.status(),
  'workspace.create': (input, { progress }) => workspace.create(input, progress),
  'workspace.unlock': ({ passphrase }) => workspace.unlock(passphrase),
  'workspace.recover': ({ recoveryCode, passphrase }) => workspace.recover(recoveryCode, passphrase),
  'workspace.changePassphrase': async ({ current, next }) => {
    await workspace.changePassphrase(current, next)
    return {}
  },
  'workspace.setRecoveryCode': ({ passphrase, recoveryCode }) =>
    workspace.setRecoveryCode(passphrase, recoveryCode),
  'workspace.lock': async () => {
    await workspace.lock()
    return {}
  },
})
