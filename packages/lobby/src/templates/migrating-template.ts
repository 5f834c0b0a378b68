/** A template whose declaration brings older records along: the hub meets a changed schema, the transforms answer. */
import type { PrepareRecords, SchemaUpdateStrategy, UpdateDecision, VaultApi } from '@noy-db/hub'
import type { ClosedMonths } from '../invariants/period-book.ts'
import { closedRecordsChanged } from './closed-records.ts'
import { declareCollection, type CompiledTemplate } from './compile.ts'
import { TransformRowsRefusedError } from './errors.ts'
import { storedVersion } from './records-version.ts'
import type { ExpressionRunner } from './runner/runner.ts'
import { chainFor, transformAllRows } from './transform-rows.ts'

export interface MigrationSource {
  readonly runner: ExpressionRunner
  /** The template version the records of a vault are at, as the registry has it; asked where the vault itself does not say. */
  versionOf(vault: string): number | Promise<number>
  /** Closed periods of a vault ("2026-05"): no transform changes an amount there, or moves a record out or in. */
  readonly closedIn?: (vault: VaultApi) => Promise<ClosedMonths>
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
        return { action: 'cutover', prepare: transformer({ template, collection, from, vault }, source) }
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

interface Migrated {
  readonly template: CompiledTemplate
  readonly collection: string
  readonly from: number
  readonly vault: VaultApi
}

function transformer(
  { template, collection, from, vault }: Migrated,
  { runner, closedIn }: MigrationSource,
): PrepareRecords {
  return async (docs, ids) => {
    const rows = docs.map((body, at) => ({ id: ids[at] ?? '', body }))
    const results = await transformAllRows({ template, collection, from, rows, runner })
    const declared = template.collections.get(collection)
    if (closedIn !== undefined && declared !== undefined) {
      const changed = closedRecordsChanged(declared, rows, results, await closedIn(vault))
      if (changed.length > 0) throw new TransformRowsRefusedError(template.name, changed, changed.length)
    }
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
