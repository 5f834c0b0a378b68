/** For tests: bills whose amount becomes minor units at version 2 and gets a currency at version 3, rewritten by real cutovers. */
import { coordinatedCutover, type CoordinatedCutoverOptions, type StandardSchemaV1 } from '@noy-db/hub'
import { z } from 'zod'
import type { VaultTemplate } from '../types.ts'

type Body = Record<string, unknown>

const shapes: Readonly<Record<1 | 2 | 3, StandardSchemaV1<unknown, Body>>> = {
  1: z.object({ client: z.string(), net: z.number() }),
  2: z.object({ client: z.string(), netMinor: z.number() }),
  3: z.object({ client: z.string(), netMinor: z.number(), currency: z.string() }),
}

/** From any earlier version. Twice the same would show: 100 times the value again. */
export function toVersion(version: 2 | 3, { net, netMinor, ...rest }: Body): Body {
  const minor = typeof netMinor === 'number' ? netMinor : Number(net) * 100
  if (Number.isNaN(minor)) throw new Error('a bill without an amount')
  return { ...rest, netMinor: minor, ...(version === 3 && { currency: 'EUR' }) }
}

export interface BillsOptions {
  readonly how?: CoordinatedCutoverOptions
}

export function billsAt(version: 1 | 2 | 3, { how }: BillsOptions = {}): VaultTemplate {
  const transform = version === 1 ? null : { transform: (body: Body) => toVersion(version, body) }
  const cutover = how ?? transform
  return {
    version,
    configure: (vault) =>
      void vault.collection('bills', {
        schema: shapes[version],
        persistJsonSchema: true,
        ...(cutover !== null && { schemaUpdate: [coordinatedCutover(cutover)] }),
      }),
  }
}
