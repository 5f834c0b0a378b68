/** A template whose declaration brings older records along: the hub meets a changed schema, the transforms answer. */
import type { SchemaDelta, SchemaUpdateStrategy, UpdateDecision, VaultApi } from '@noy-db/hub'
import { declareCollection, type CompiledTemplate } from './compile.ts'
import { PreparedCutover } from './cutover.ts'
import type { ExpressionRunner } from './runner/runner.ts'
import { chainFor } from './transform-rows.ts'

export interface MigrationSource {
  readonly runner: ExpressionRunner
  /** The template version the records of a vault are at, as the registry has it. */
  versionOf(vault: string): number | Promise<number>
}

export interface MigratingTemplate extends CompiledTemplate {
  /**
   * What was prepared for this handle, once the hub has drained its schema writes; undefined where nothing had to be.
   * After `CUTOVER_STALE`: `refresh()` it, then run the cutover again.
   */
  prepared(vault: VaultApi): PreparedCutover | undefined
}

/**
 * The same template with transforms attached. The hub asks when it finds another schema stored; the records are prepared
 * then, before any fence goes up. Where they cannot be, the cutover throws that error and changes nothing.
 */
export function withTransforms(template: CompiledTemplate, source: MigrationSource): MigratingTemplate {
  const cutovers = new WeakMap<VaultApi, PreparedCutover>()
  const cutoverOf = async (vault: VaultApi): Promise<PreparedCutover> => {
    const from = await source.versionOf(vault.name)
    const cutover =
      cutovers.get(vault) ?? new PreparedCutover({ vault, template, from, runner: source.runner })
    cutovers.set(vault, cutover)
    return cutover
  }
  const decide = async (vault: VaultApi, { collection, kind }: SchemaDelta): Promise<UpdateDecision> => {
    const steps = chainFor(template, collection, await source.versionOf(vault.name))
    if (kind === 'none' || (kind === 'additive' && steps.length === 0)) return { action: 'allow' }
    const cutover = await cutoverOf(vault)
    await cutover.prepare(collection)
    return { action: 'cutover', transform: cutover.transform(collection) }
  }
  const strategyFor = (vault: VaultApi): SchemaUpdateStrategy => ({
    name: 'template-transforms',
    onSchemaDelta: (delta) => decide(vault, delta).catch(failing),
  })
  return {
    ...template,
    prepared: (vault) => cutovers.get(vault),
    configure(vault) {
      const strategy = strategyFor(vault)
      for (const collection of template.collections.values()) declareCollection(vault, collection, strategy)
    },
  }
}

/** A rejected schema would let the cutover run without it and the vault pass for migrated; a failing transform stops both. */
function failing(error: unknown): UpdateDecision {
  return {
    action: 'cutover',
    transform: () => {
      throw error
    },
  }
}
