import type { Console } from '../../console/console.ts'
import type { HandlersOf } from './domain.ts'

export const clientHandlers = ({ clients }: Console): HandlersOf<'clients'> => ({
  'clients.list': () => clients.list(),
  'clients.get': ({ vaultId }) => clients.get(vaultId),
  'clients.create': (input) => clients.create(input),
  'clients.records': (input) => clients.records(input),
  'clients.record': (input) => clients.record(input),
  'clients.saveRecord': (input) => clients.saveRecord(input),
})
