import type { HostCalls, HostSettings } from './protocol.ts'
import { backupDatabase } from './backup.ts'
import { CollectionNames } from './names.ts'
import { claim } from './owner.ts'
import { integrityProblems, openDatabase } from './database.ts'
import { Reader } from './reader.ts'
import { WriteTransaction } from './transaction.ts'
import { Writer } from './writer.ts'

export interface Host {
  readonly calls: Omit<HostCalls, 'open'>
  readonly transaction: WriteTransaction
  readonly file: string
}

/** Opens the workspace file and answers calls on it. */
export function openHost(settings: HostSettings): Host {
  const db = openDatabase(settings)
  const release = claim(settings.file, settings.owner)
  const names = new CollectionNames(db)
  const reader = new Reader(db, names)
  const writer = new Writer(db, names, settings.faults?.dieAfterOps)
  const transaction = new WriteTransaction(db, names)
  const close = (): void => {
    if (!db.open) return
    db.close()
    release()
  }
  return {
    file: settings.file,
    transaction,
    calls: { ...callsOn(reader, writer, transaction), ...fileCalls(), close },
  }

  function fileCalls(): Pick<HostCalls, 'ping' | 'integrityCheck' | 'backup'> {
    return {
      ping: () => true,
      integrityCheck: () => integrityProblems(db),
      backup: (path) => backupDatabase(db, settings.file, path),
    }
  }
}

type RowCalls = Omit<HostCalls, 'open' | 'ping' | 'integrityCheck' | 'backup' | 'close'>

function callsOn(reader: Reader, writer: Writer, transaction: WriteTransaction): RowCalls {
  return {
    get: (...at) => reader.get(...at),
    rows: (...range) => reader.rows(...range),
    byToken: (...range) => reader.byToken(...range),
    ids: (...range) => reader.ids(...range),
    idsSince: (...range) => reader.idsSince(...range),
    many: (...wanted) => reader.many(...wanted),
    vaults: () => reader.vaults(),
    collections: (vault) => reader.collections(vault),
    stats: (vault) => reader.stats(vault),
    put: (...row) => writer.put(...row),
    delete: (...at) => writer.delete(...at),
    tx: (ops) => transaction.run(() => writer.apply(ops)),
    txBegin: () => transaction.begin(),
    txSlice: (ops) => transaction.step(() => writer.apply(ops)),
    txDropUserCollections: (vault) => transaction.step(() => writer.dropUserCollections(vault)),
    txCommit: () => transaction.commit(),
    txAbort: () => transaction.abort(),
  }
}
