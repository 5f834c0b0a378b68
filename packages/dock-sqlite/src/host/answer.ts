/** One call, one answer: what SQLite throws becomes words. */
import { ForeignFailure, type Calls, type Reply, type Request } from '../protocol.ts'
import { openCopy, type OpenFile } from './database.ts'

let file: OpenFile | undefined
let scan: Iterator<ReturnType<Calls['next']>> | undefined

const calls: Calls = {
  open(path, maxBytes, maxChars) {
    file = openCopy(path, { maxBytes, maxChars })
  },
  tables: () => opened().tables(),
  scan(table) {
    scan = opened().batches(table)[Symbol.iterator]()
  },
  next: () => {
    const next = scan?.next()
    return next === undefined || next.done === true ? [] : next.value
  },
  close: () => {
    scan = undefined
    file?.close()
    file = undefined
  },
}

export function answer({ call, args }: Request): Reply {
  try {
    const method = calls[call] as (...args: readonly unknown[]) => unknown // the client's `call` typed the arguments
    return { value: method(...args) }
  } catch (error) {
    return { failure: failureOf(error) }
  }
}

function opened(): OpenFile {
  if (file === undefined) throw new ForeignFailure('invalid', 'The database is not open.')
  return file
}

function failureOf(error: unknown): ForeignFailure['failure'] {
  if (error instanceof ForeignFailure) return error.failure
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  if (code === 'SQLITE_NOTADB') return { kind: 'invalid', message: 'This is no SQLite database.' }
  return { kind: 'invalid', message: 'The database is damaged, or is no database.' }
}
