/** Entry point for whoever keeps copies of vaults: their rows as they are stored, opened to prove them, and put back. */
export { copyVault, readVault, type CopiedRow } from './copy/copied-rows.ts'
export { isAccessRow } from './copy/access-rows.ts'
export { openFacts, openRow, sealFacts } from './copy/open-row.ts'
export { replaceVault, type Replacement } from './copy/replace-vault.ts'
