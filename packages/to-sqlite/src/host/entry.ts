/** Start of the storage host, in a thread or a process. Bundle this file as its own entry. */
import { sentences } from '../failures.ts'
import { connectToParent } from './port.ts'

const port = connectToParent()

// better-sqlite3 13 takes the process down, without an exception, when it is loaded below Node-API 10.
if (Number(process.versions.napi) >= 10) {
  const { serve } = await import('./serve.ts')
  serve(port)
  port.post([[0, null]])
} else {
  const details = { nodeApi: process.versions.napi, node: process.versions.node }
  const message = `${sentences.STORE_HOST_FAILED} (It needs Node 24; this is ${process.version}.)`
  port.post([[0, null, { code: 'STORE_HOST_FAILED', message, details }]])
}
