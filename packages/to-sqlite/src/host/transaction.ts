import type { Database, Statement } from 'better-sqlite3'
import type { CollectionNames } from './names.ts'

/** The one write transaction a connection can have, in one go (`run`) or over several messages. */
export class WriteTransaction {
  readonly #db: Database
  readonly #names: CollectionNames
  readonly #begin: Statement
  readonly #commit: Statement

  constructor(db: Database, names: CollectionNames) {
    this.#db = db
    this.#names = names
    this.#begin = db.prepare('BEGIN IMMEDIATE')
    this.#commit = db.prepare('COMMIT')
  }

  run<T>(work: () => T): T {
    this.begin()
    const result = this.step(work)
    this.commit()
    return result
  }

  begin(): void {
    this.#begin.run()
  }

  /** Work inside the transaction; a failure leaves no trace of it nor of the steps before. */
  step<T>(work: () => T): T {
    try {
      // A slice that was on its way when an earlier one failed must not be written outside the transaction.
      if (!this.#db.inTransaction) throw new Error('The transaction has ended.')
      return work()
    } catch (error) {
      this.abort()
      throw error
    }
  }

  commit(): void {
    this.step(() => this.#commit.run())
  }

  abort(): void {
    // SQLite has rolled back by itself after some errors, a full disk among them.
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
    this.#names.forget()
  }
}
