/** What a template says about a schema that has changed. */
import { ValidationError } from '../errors.ts'
import type {
  CoordinatedCutoverOptions,
  SchemaDelta,
  SchemaUpdateStrategy,
  UpdateDecision,
} from '../types/schema.ts'
import type { JsonSchema } from './json-schema.ts'

/**
 * A change that old records may not fit waits for `vault.runSchemaCutover()`, which rewrites every record;
 * until then the collection takes no writes. Give `transform`, or `prepare` where the work is asynchronous.
 * @throws ValidationError unless exactly one of them is given
 */
export function coordinatedCutover(options: CoordinatedCutoverOptions): SchemaUpdateStrategy {
  const { transform, prepare } = options
  if ((transform === undefined) === (prepare === undefined))
    throw new ValidationError('A coordinated cutover is given a transform or a prepare, not both.')
  const cutover: UpdateDecision =
    prepare === undefined ? { action: 'cutover', transform } : { action: 'cutover', prepare }
  return {
    name: 'coordinated-cutover',
    onSchemaDelta: ({ kind }) => (kind === 'non-additive' ? cutover : { action: 'allow' }),
  }
}

/** The first strategy that does not allow the change decides; without any it is allowed. */
export async function decide(
  strategies: readonly SchemaUpdateStrategy[],
  delta: SchemaDelta,
  stored: JsonSchema,
): Promise<UpdateDecision> {
  for (const strategy of strategies) {
    const decision = await strategy.onSchemaDelta(delta, { collection: delta.collection, stored })
    if (decision.action !== 'allow') return decision
  }
  return { action: 'allow' }
}
