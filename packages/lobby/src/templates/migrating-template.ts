/** A template whose declaration brings older records along: the hub meets a changed schema, the transforms answer. */
import type { PrepareRecords, SchemaUpdateStrategy, UpdateDecision, VaultApi } from '@noy-db/hub'
import { declareCollection, type CompiledTemplate } from './compile.ts'
import { storedVersion } from './records-version.ts'
import type { ExpressionRunner } from './runner/runner.ts'
import { chainFor, transformAllRows } from './transform-rows.ts'

export interface MigrationSource {
  readonly runner: ExpressionRunner
  /** The template version the records of a vault are at, as the registry has it; asked where the vault itself does not say. */
  versionOf(vault: string): number | Promise<number>
}

/**
 * The same template with transforms attached. They run in the worker, behind the fence and before anything is written; where
 * a record cannot be brought along the cutover throws that error and changes nothing.
 */
export function withTransforms(template: CompiledTemplate, source: MigrationSource): CompiledTemplate {
  const strategyFor = (vault: VaultApi): SchemaUpdateStrategy => ({
    name: 'template-transforms',
    async onSchemaDelta({ collection, kind }, { stored }) {
      try {
        const from = storedVersion(stored, template.name) ?? (await source.versionOf(vault.name))
        const isToldApart = kind === 'non-additive' || chainFor(template, collection, from).length > 0
        if (!isToldApart) return { action: 'allow' }
        return { action: 'cutover', prepare: transformer(template, collection, from, source.runner) }
      } catch (error) {
        return failing(error)
      }
    },
  })
  return {
    ...template,
    configure(vault) {
      const strategy = strategyFor(vault)
      for (const collection of template.collections.values()) declareCollection(vault, collection, strategy)
    },
  }
}

function transformer(
  template: CompiledTemplate,
  collection: string,
  from: number,
  runner: ExpressionRunner,
): PrepareRecords {
  return async (docs, ids) => {
    const rows = docs.map((body, at) => ({ id: ids[at] ?? '', body }))
    const results = await transformAllRows({ template, collection, from, rows, runner })
    // The hub counts what comes back.
    return rows.map(({ id }) => results.get(id)).filter((body) => body !== undefined)
  }
}

/** A rejected schema would let the cutover run without it and the vault pass for migrated; a failing one stops both. */
function failing(error: unknown): UpdateDecision {
  return {
    action: 'cutover',
    prepare: () => Promise.reject(error instanceof Error ? error : new Error(String(error))),
  }
}
