/** One question to many vaults: answers in the order of the vaults, failures in their slots. */
import type { QueryAcrossResult } from '../types/vault.ts'

export async function queryVaults<T>(
  vaultIds: readonly string[],
  ask: (vaultId: string) => Promise<T>,
  concurrency = 1,
): Promise<QueryAcrossResult<T>[]> {
  const results: QueryAcrossResult<T>[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < vaultIds.length) {
      const at = next
      next += 1
      const vault = vaultIds[at]
      if (vault !== undefined) results[at] = await answer(vault, ask)
    }
  }
  const workers = Math.min(vaultIds.length, Math.max(1, Math.floor(concurrency) || 1))
  await Promise.all(Array.from({ length: workers }, worker))
  return results
}

async function answer<T>(vault: string, ask: (vaultId: string) => Promise<T>): Promise<QueryAcrossResult<T>> {
  try {
    return { vault, result: await ask(vault) }
  } catch (error) {
    return { vault, error: error instanceof Error ? error : new Error(String(error)) }
  }
}
