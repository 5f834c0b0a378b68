import type { Migration } from './index.ts'

/**
 * Index tokens of records. Looked up by token and walked in the order of ids; the second index finds the tokens
 * of a row that is written again.
 */
export const tokens: Migration = {
  version: 2,
  up(db) {
    db.exec(`
      CREATE TABLE tokens (
        collection INTEGER NOT NULL,
        token TEXT NOT NULL,
        id TEXT NOT NULL,
        PRIMARY KEY (collection, token, id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX tokens_of_record ON tokens (collection, id);
    `)
  },
}
