/** The vault in which the engine above keeps its registry. Opened like any other. */
export const STATE_VAULT_NAME = '__noydb_state__'
