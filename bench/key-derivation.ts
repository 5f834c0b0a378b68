/** How often is a key derived when one person opens 200 vaults? Default parameters: 64 MiB, three passes. */
import { randomBytes } from 'node:crypto'
import { hashRaw } from '@node-rs/argon2'
import { createNoydb, type Noydb } from '@noy-db/hub'
import { sqliteStore, type SqliteStore } from '@noy-db/to-sqlite'
import type { Report, Settings } from './lib/bench.ts'
import { median } from './lib/measure.ts'
import { ms } from './lib/print.ts'
import { removeFile, scratchFile } from './lib/scratch.ts'
import { SECRET } from './lib/workspace.ts'

const VAULTS = 200
const names = Array.from({ length: VAULTS }, (_, at) => `client-${at}`)

const session = (store: SqliteStore): Promise<Noydb> => createNoydb({ store, user: 'bench', secret: SECRET })

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

async function openAll(store: SqliteStore): Promise<number[]> {
  const db = await session(store)
  const times: number[] = []
  for (const name of names) times.push(await timed(() => db.openVault(name)))
  db.close()
  return times
}

const deriveAlone = (): Promise<number> =>
  timed(() =>
    hashRaw(SECRET, {
      salt: randomBytes(16),
      memoryCost: 65_536,
      timeCost: 3,
      parallelism: 1,
      outputLen: 32,
    }),
  )

async function lines({ runs }: Settings): Promise<string[]> {
  const file = scratchFile()
  const store = await sqliteStore({ file, durability: 'normal' })
  const made = await openAll(store)
  const [alone, opened]: [number[], number[][]] = [[], []]
  for (let round = 0; round < runs; round += 1) {
    alone.push(await deriveAlone())
    opened.push(await openAll(store))
  }
  await store.close()
  removeFile(file)
  const one = median(alone)
  const derivations = opened.map((times) => times.filter((time) => time > one / 2).length)
  return [
    `one derivation alone                 ${ms(one)} ms`,
    `making 200 vaults                    ${ms(total(made))} ms`,
    `opening 200 vaults, a new session    ${ms(median(opened.map(total)))} ms`,
    `  the first                          ${ms(median(opened.map(([first = NaN]) => first)))} ms`,
    `  each of the others                 ${ms(median(opened.flatMap((times) => times.slice(1))))} ms`,
    `opens that took over half a derivation, per run: ${derivations.join(', ')} (1 = derived once)`,
  ]
}

function total(times: readonly number[]): number {
  return times.reduce((sum, time) => sum + time, 0)
}

export const keyDerivation: Report = { title: 'Key derivation over 200 vaults (KDF)', lines }
