/** Contract sections 0.1 and 1: what each entry point has, and that a name is one object wherever it comes from. */
import * as aggregate from '@noy-db/hub/aggregate'
import * as bundle from '@noy-db/hub/bundle'
import * as guards from '@noy-db/hub/guards'
import * as hub from '@noy-db/hub'
import * as kernel from '@noy-db/hub/kernel'
import * as memory from '@noy-db/hub/memory'
import * as store from '@noy-db/hub/store'
import { describe, expect, it } from 'vitest'

const entryPoints: Record<string, Record<string, unknown>> = {
  hub,
  kernel,
  bundle,
  store,
  aggregate,
  guards,
  memory,
}

const values: Record<string, string> = {
  hub: `createNoydb STATE_VAULT_NAME ref coordinatedCutover diffVault createDeedOwner loadDeedMarker isDeedVault
    liberateVault CustodyApi MemorySealingKeyProvider hasNoydbBundleMagic readNoydbBundlePublicEnvelope
    Noydb Vault Collection Query routeStore generateULID`,
  kernel: `readPath reduceRecords groupAndReduce generateULID sha256Hex CrossShardJoinError DataResidencyError
    NoAccessError ReservedVaultNameError ShardProvisioningError UnknownShardError ValidationError
    VaultTemplateNotFoundError`,
  bundle: `writeNoydbBundle readNoydbBundle readNoydbBundleHeader walkClosure describeExtraction extractPartition
    decryptExtractedPartition adoptPartition createOwnerOnAdoptedPartition PartitionExtractionError
    TransferSealError AdoptionStateError BundleIntegrityError`,
  store: 'routeStore ConflictError NoydbError StoreCapabilityError',
  aggregate: 'sum count avg min max',
  guards: 'immutableGuard',
  memory: 'memory',
}

describe('an entry point', () => {
  it.each(Object.entries(values))('%s has the values the contract names', (name, wanted) => {
    const found = Object.keys(entryPoints[name] ?? {})
    expect(found).toEqual(expect.arrayContaining(wanted.trim().split(/\s+/)))
  })

  it('gives the same object under the same name as any other', () => {
    const known = new Map<string, unknown>()
    let shared = 0
    for (const exported of Object.values(entryPoints)) {
      for (const [name, value] of Object.entries(exported)) {
        if (known.has(name)) {
          shared += 1
          expect(value, name).toBe(known.get(name))
        } else known.set(name, value)
      }
    }
    expect(shared).toBeGreaterThan(20)
  })

  it('keeps the classes of a session out of the kernel, which has their types alone', () => {
    for (const name of ['Noydb', 'Vault', 'Collection', 'Query']) expect(kernel).not.toHaveProperty(name)
  })

  it('the root names the state vault, which can be opened', async () => {
    expect(hub.STATE_VAULT_NAME).toBe('__noydb_state__')
    const db = await hub.createNoydb({ user: 'ann', encrypt: false })
    expect((await db.openVault(hub.STATE_VAULT_NAME)).name).toBe('__noydb_state__')
    expect(db).toBeInstanceOf(hub.Noydb)
  })
})

it('an error thrown deep inside is caught by the class of any entry point', async () => {
  const shared = memory.memory()
  const ann = await hub.createNoydb({ store: shared, user: 'ann', secret: 'x', kdf: CHEAP })
  await ann.openVault('v')
  const eve = await hub.createNoydb({ store: shared, user: 'eve', secret: 'x', kdf: CHEAP })
  const refused = await eve.openVault('v').catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(kernel.NoAccessError)
  expect(refused).toBeInstanceOf(store.NoydbError)
  const broken = await bundle.readNoydbBundle(new Uint8Array(3)).catch((error: unknown) => error)
  expect(broken).toBeInstanceOf(hub.BundleIntegrityError)
})

const CHEAP = { memoryKiB: 8, passes: 1, parallelism: 1 }
