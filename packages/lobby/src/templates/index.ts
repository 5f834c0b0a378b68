/** Declarative vault templates: parsed from files, compiled, and their transforms and rules run. See `docs/templates.md`. */
export {
  TemplateInvalidError,
  TemplateTooNewError,
  TransformLimitError,
  TransformRowsRefusedError,
  TransformWorkerError,
  type ExpressionPlace,
  type LimitKind,
} from './errors.ts'
export { templateLimits } from './limits.ts'
export type { CollectionTemplate, FieldHint, Rule, TemplateFile, TransformTemplate } from './format.ts'
export { parseTemplate } from './parse.ts'
export { compileTemplate, type CompiledCollection, type CompiledTemplate } from './compile.ts'
export type { RecordValidator } from './record-schema.ts'
export { columnsOf, currencyOf, hintFor, orderOf, titleOf } from './display.ts'
export { reader, valueAt } from './field-values.ts'
export { periodOfDate } from './dates.ts'
export type { Broken, RuleContext } from './rules/compile-rule.ts'
export { checkRecords, type BrokenRow, type RecordCheck } from './rules/check-records.ts'
export { createExpressionRunner, type ExpressionRunner, type RunnerOptions } from './runner/runner.ts'
export type { Row, RowFailure } from './runner/outcome.ts'
export {
  transformAllRows,
  transformRows,
  type TransformOutcome,
  type TransformRequest,
} from './transform-rows.ts'
export { withTransforms, type MigrationSource } from './migrating-template.ts'
export { templateRules, templateStrictness, type TemplateRulesOptions } from '../invariants/template-rules.ts'
