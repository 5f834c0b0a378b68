/** What a session declares against what the vault's records were written under. */
import { ConflictError, MigrationRequiredError, ReadOnlyError } from '../errors.ts'
import { assertMayWrite, mayRead } from '../keyring/roles.ts'
import type { CollectionOptions, CoordinatedCutoverOptions } from '../types/schema.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import { readBaseline, storeBaseline, type Baseline } from './baseline.ts'
import { schemaDelta } from './delta.ts'
import { deriveJsonSchema, type DerivedSchema } from './json-schema.ts'
import { decide } from './strategies.ts'

/** Another session storing the same baseline makes us look again this often at most. */
const ATTEMPTS = 5

/** A collection whose records wait for `runSchemaCutover()`. */
export interface PendingCutover {
  readonly collection: string
  readonly derived: DerivedSchema
  readonly baseline: Baseline
  readonly how: CoordinatedCutoverOptions
}

/** Whether a collection takes writes, and if not, why. */
export type SchemaOutcome =
  | { readonly kind: 'open' }
  | { readonly kind: 'blocked'; readonly error: Error }
  | { readonly kind: 'cutover'; readonly cutover: PendingCutover }

const OPEN: SchemaOutcome = { kind: 'open' }

/** Stores the baseline where that is allowed and this user may. */
export async function compareSchema(
  core: VaultCore,
  collection: string,
  options: CollectionOptions<unknown>,
): Promise<SchemaOutcome> {
  const derived = await deriveJsonSchema(options.schema)
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await compareOnce(core, collection, derived, options)
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error
    }
  }
}

async function compareOnce(
  core: VaultCore,
  collection: string,
  derived: DerivedSchema,
  { schemaUpdate = [] }: CollectionOptions<unknown>,
): Promise<SchemaOutcome> {
  if (!mayRead(core.keys, collection)) return OPEN
  const baseline = await readBaseline(core, collection)
  if (baseline?.schema.hash === derived.hash) return OPEN
  if (baseline?.schema.jsonSchema && derived.jsonSchema) {
    if (schemaUpdate.length === 0 && isLeftBehind(baseline, derived)) return leftBehind(core, collection)
    const delta = schemaDelta(collection, baseline.schema.jsonSchema, derived.jsonSchema)
    const decision = await decide(schemaUpdate, delta, baseline.schema.jsonSchema)
    if (decision.action === 'reject') return { kind: 'blocked', error: decision.error }
    if (decision.action === 'cutover')
      return { kind: 'cutover', cutover: { collection, derived, baseline, how: decision } }
  }
  // A baseline with a body is worth more than none: a converter may just not be installed here.
  if (derived.jsonSchema !== null || baseline === null) await store(core, collection, derived, baseline)
  return OPEN
}

async function store(
  core: VaultCore,
  collection: string,
  derived: DerivedSchema,
  baseline: Baseline | null,
): Promise<void> {
  try {
    assertMayWrite(core.keys, collection)
  } catch (error) {
    if (error instanceof ReadOnlyError) return // whoever may write keeps it
    throw error
  }
  // Under the lock, as everything that may mint a key.
  await core.lock.run(() => storeBaseline(core, collection, derived, baseline))
}

/** An older program would write old records among those that a cutover has rewritten. */
function isLeftBehind({ schema }: Baseline, { hash }: DerivedSchema): boolean {
  return hash !== null && schema.replaced?.includes(hash) === true
}

function leftBehind({ name }: VaultCore, collection: string): SchemaOutcome {
  const message = `${name}/${collection} was moved to a newer schema; the one declared here is no longer written.`
  return { kind: 'blocked', error: new MigrationRequiredError(message) }
}
