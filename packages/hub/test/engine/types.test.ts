/** What an engine written against the published hub says in types; `tsc` is the test, the assertions show it to a reader. */
import {
  coordinatedCutover,
  createNoydb,
  diffVault,
  ref,
  type AccessibleVault,
  type DeedMarker,
  type EncryptedEnvelope,
  type GrantCustodianOptions,
  type LiberateOptions,
  type LiberateResult,
  type ListPageResult,
  type Noydb,
  type NoydbStore,
  type PublicEnvelope,
  type SealingKeyProvider,
  type StoreCapabilities,
  type Unsubscribe,
  type Vault,
  type VaultSnapshot,
  type WriteConflict,
  type WriteHook,
  type WriteQueue,
} from '@noy-db/hub'
import { avg, count, max, min, sum } from '@noy-db/hub/aggregate'
import {
  decryptExtractedPartition,
  extractPartition,
  type DecryptedRecord,
  type ExtractionPreview,
  type WriteNoydbBundleOptions,
} from '@noy-db/hub/bundle'
import { immutableGuard } from '@noy-db/hub/guards'
import {
  reduceRecords,
  type AggregateResult,
  type AggregateSpec,
  type Collection,
  type IndexDef,
  type LiveAggregation,
  type Noydb as KernelNoydb,
  type Query,
  type Vault as KernelVault,
} from '@noy-db/hub/kernel'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'

interface Client {
  readonly name: string
}

interface Invoice extends Record<string, unknown> {
  readonly id: string
  readonly clientId?: string
}

/** Named, so that an error says which. */
declare const vault: Vault
declare const db: Noydb

describe('types of the published hub', () => {
  it('are one, whichever entry point they come from', () => {
    expectTypeOf<Vault>().toEqualTypeOf<KernelVault>()
    expectTypeOf<Noydb>().toEqualTypeOf<KernelNoydb>()
  })

  it('let a collection hold whatever its caller says', () => {
    const untyped = () => vault.collection('c')
    const anyRow = <T>(name: string) => vault.collection<T>(name)
    expectTypeOf(untyped).returns.toEqualTypeOf<Collection>()
    expectTypeOf(anyRow<Invoice>).returns.toEqualTypeOf<Collection<Invoice>>()
    expectTypeOf<Collection<Invoice>>().toExtend<Collection<{ readonly id: string }>>()
    expectTypeOf<Query<Invoice>>().toExtend<Query<{ readonly id: string }>>()
  })

  it('keep a joined query assignable to the query it was made of, with the joined member typed', () => {
    const join = (query: Query<Invoice>) =>
      query.join<'client', Client>('clientId', { as: 'client' }).toArray()[0]?.client?.name
    expectTypeOf(join).returns.toEqualTypeOf<string | undefined>()
    expectTypeOf<Query<Invoice & Record<'client', Client | null>>>().toExtend<Query<Invoice>>()
    const either = (query: Query<Invoice>) =>
      query
        .or((q: Query<Invoice>) => q.where('id', '==', 'a').where('id', 'in', ['b']))
        .and((q) => q.filter(({ clientId }) => clientId !== undefined))
    expectTypeOf(either).returns.toEqualTypeOf<Query<Invoice>>()
  })

  it('take declarations as a template writes them', () => {
    const schema = z.object({ id: z.string(), clientId: z.string().optional() })
    const indexes: IndexDef[] = ['id', ['id', 'clientId'], { fields: ['clientId'] }]
    const declare = () =>
      vault.collection<z.infer<typeof schema>>('invoices', {
        schema,
        indexes,
        refs: { clientId: ref('clients', 'warn') },
        persistJsonSchema: true,
        schemaUpdate: [coordinatedCutover({ transform: (doc) => ({ ...doc, moved: true }) })],
        provenance: true,
      })
    expectTypeOf(declare).returns.toExtend<Collection<{ id: string }>>()
  })

  it('narrow a slot of queryAcross by its error', () => {
    const results = async () => {
      const texts: string[] = []
      for (const slot of await db.queryAcross(['a'], async (each) => each.name)) {
        if (slot.error === undefined) expectTypeOf(slot.result).toEqualTypeOf<string>()
        else expectTypeOf(slot.error).toEqualTypeOf<Error>()
        texts.push(slot.error === undefined ? slot.result : slot.error.message)
      }
      return texts
    }
    expectTypeOf(results).returns.resolves.toEqualTypeOf<string[]>()
  })

  it('give each reducer its result, and take mixed reducers as one specification', () => {
    const spec = { n: count(), net: sum('net'), mean: avg('net'), least: min('net'), most: max('net') }
    expectTypeOf(spec).toExtend<AggregateSpec>()
    type Result = AggregateResult<typeof spec>
    expectTypeOf<Result>().toEqualTypeOf<{
      n: number
      net: number
      mean: number | null
      least: number | null
      most: number | null
    }>()
    expectTypeOf(reduceRecords<typeof spec>).returns.toEqualTypeOf<Result>()
    expectTypeOf<LiveAggregation<Result>['value']>().toEqualTypeOf<Result | undefined>()
  })

  it('take a typed guard where any guard is taken', () => {
    const guard = immutableGuard<Invoice>({
      collection: 'invoices',
      after: ({ clientId }) => clientId === 'x',
    })
    const make = () => createNoydb({ user: 'ann', secret: 's', guardStrategies: [guard] })
    expectTypeOf(make).returns.resolves.toEqualTypeOf<Noydb>()
  })

  it('let a partition travel from extraction to decryption', () => {
    const travel = async () => {
      const made = await extractPartition(vault, { seeds: { invoices: (record) => record.paid === true } })
      return decryptExtractedPartition(made.bundleBytes, made.transferKey)
    }
    expectTypeOf(travel).returns.resolves.toEqualTypeOf<Record<string, DecryptedRecord[]>>()
    const merge = async () => (await diffVault<Record<string, unknown>>(vault, {})).modified[0]?.fieldsChanged
    expectTypeOf(merge).returns.resolves.toEqualTypeOf<readonly string[] | undefined>()
    expectTypeOf<ExtractionPreview['byCollection'][number]['oldestTs']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<WriteNoydbBundleOptions['compression']>().toExtend<string | undefined>()
  })

  it('say optional members that are left out, never undefined', () => {
    expectTypeOf<{
      _noydb: 1
      _v: 1
      _ts: ''
      _iv: ''
      _data: ''
      _source: undefined
    }>().not.toExtend<EncryptedEnvelope>()
    expectTypeOf<{ reason: undefined }>().not.toExtend<NonNullable<Parameters<Collection['put']>[2]>>()
    expectTypeOf<PublicEnvelope['name']>().toEqualTypeOf<string | Record<string, string> | undefined>()
  })
})

/** A store as others write them: a class with the six methods. */
class OwnStore implements NoydbStore {
  readonly name = 'own'
  readonly capabilities: StoreCapabilities = {
    casAtomic: false,
    auth: { kind: 'none', required: false, flow: 'static' },
    region: 'eu',
  }

  get = (): Promise<EncryptedEnvelope | null> => Promise.resolve(null)
  put = (): Promise<void> => Promise.resolve()
  delete = (): Promise<void> => Promise.resolve()
  list = (): Promise<string[]> => Promise.resolve([])
  loadAll = (): Promise<VaultSnapshot> => Promise.resolve({})
  saveAll = (): Promise<void> => Promise.resolve()
  listPage = (): Promise<ListPageResult> => Promise.resolve({ items: [], nextCursor: null })
}

class OwnSealing implements SealingKeyProvider {
  readonly id = 'safe'
  seal = (passphrase: Uint8Array): Promise<Uint8Array> => Promise.resolve(passphrase)
  unseal = (sealed: Uint8Array): Promise<Uint8Array> => Promise.resolve(sealed)
}

/** What an inspector asks of a container (section 17.2); a `Noydb` is one as it is. */
interface InspectableContainer {
  listAccessibleVaults(): Promise<readonly AccessibleVault[]>
  openVault(name: string): Promise<Vault>
  onAfterWrite(handler: WriteHook): Unsubscribe
  onWriteConflict(handler: (c: WriteConflict) => void): Unsubscribe
  readonly writeQueue: WriteQueue
}

describe('what others implement', () => {
  it('fits', () => {
    expectTypeOf<OwnStore>().toExtend<NoydbStore>()
    expectTypeOf<OwnSealing>().toExtend<SealingKeyProvider>()
    expectTypeOf<Noydb>().toExtend<InspectableContainer>()
    expectTypeOf<keyof GrantCustodianOptions>().toEqualTypeOf<
      | 'userId'
      | 'displayName'
      | 'passphrase'
      | 'permissions'
      | 'exportCapability'
      | 'importCapability'
      | 'expiresAt'
    >()
    expectTypeOf<LiberateOptions['legalBasis']>().toEqualTypeOf<string>()
    expectTypeOf<LiberateResult['snapshot']['recordCount']>().toEqualTypeOf<number>()
    expectTypeOf<DeedMarker['latent']>().toEqualTypeOf<true>()
  })
})
