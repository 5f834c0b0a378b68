/** Reading in a session whose keys another session may have rotated. */
import { TamperedError } from '../errors.ts'
import type { VaultKeys } from './vault-keys.ts'

/** A row that does not open may be sealed with a newer key: reads again if there is one. @throws NoAccessError when left out */
export async function withCurrentKeys<T>(keys: VaultKeys, read: () => Promise<T>): Promise<T> {
  const { generation } = keys
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof TamperedError)) throw error
    if (keys.generation === generation && !(await keys.renew())) throw error
    return read()
  }
}
