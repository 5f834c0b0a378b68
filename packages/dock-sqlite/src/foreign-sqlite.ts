/** The lobby's port to foreign databases, over a host per file. */
import type { ForeignDatabase, OpenForeignDatabase } from '@klum-db/lobby'
import { processLine, threadLine, type Line } from './line.ts'
import { ForeignFailure, type CallName, type Calls, type Reply } from './protocol.ts'

export interface ForeignSqliteOptions {
  /** Where SQLite runs. Default: a worker thread, or a process where this runtime's Node-API is below 10. */
  readonly host?: 'worker' | 'process'
  /** The host's entry when bundled. Default: the source beside this file. */
  readonly entry?: URL
  /** The Node 24 binary for `host: 'process'`. Default: this runtime, or `node` under Electron. */
  readonly execPath?: string
}

/** For `databaseReader` of the lobby. */
export function foreignSqlite(options: ForeignSqliteOptions = {}): OpenForeignDatabase {
  return async (path, { maxBytes, maxChars }) => {
    const host = new HostCalls(startLine(options))
    try {
      await host.call('open', path, maxBytes, maxChars)
    } catch (error) {
      await host.end()
      throw error
    }
    return databaseOver(host)
  }
}

function startLine({ host, entry, execPath }: ForeignSqliteOptions): Line {
  const start = entry ?? new URL('./host/entry.ts', import.meta.url)
  const kind = host ?? (Number(process.versions.napi) < 10 ? 'process' : 'worker')
  if (kind === 'worker') return threadLine(start)
  return processLine(start, execPath ?? ('electron' in process.versions ? 'node' : process.execPath))
}

function databaseOver(host: HostCalls): ForeignDatabase {
  return {
    tables: () => host.call('tables'),
    async *batches(table) {
      await host.call('scan', table)
      // Asked for one after the other: a slow reader holds the scan back.
      for (let rows = await host.call('next'); rows.length > 0; rows = await host.call('next')) yield rows
    },
    async close() {
      await host.call('close').catch(() => undefined) // a host that is gone holds nothing open
      await host.end()
    },
  }
}

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Replies come in the order of the requests. */
class HostCalls {
  readonly #line: Line
  readonly #waiting: Waiting[] = []
  #gone: ForeignFailure | undefined

  constructor(line: Line) {
    this.#line = line
    line.listen(
      (reply) => this.#settle(reply),
      () => this.#refuse(),
    )
  }

  call<K extends CallName>(call: K, ...args: Parameters<Calls[K]>): Promise<ReturnType<Calls[K]>> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve: resolve as Waiting['resolve'], reject }) // the host's calls have the same types
      this.#line.post({ call, args })
    })
  }

  end(): Promise<void> {
    return this.#line.end()
  }

  #settle({ value, failure }: Reply): void {
    const waiting = this.#waiting.shift()
    if (failure === undefined) waiting?.resolve(value)
    else waiting?.reject(new ForeignFailure(failure.kind, failure.message))
  }

  /** A file that takes its reader down is no file to read. */
  #refuse(): void {
    this.#gone ??= new ForeignFailure('invalid', 'The database could not be read to its end.')
    for (const { reject } of this.#waiting.splice(0)) reject(this.#gone)
  }
}
