/** A small template for tests, as the text of its file; each test changes what it is about. */
import { compileTemplate, type CompiledTemplate } from './compile.ts'
import { parseTemplate } from './parse.ts'

/** Loose on purpose: tests spoil it in every way. */
export type Spoilable = ReturnType<typeof smallTemplate>

export function smallTemplate() {
  return {
    format: 1 as unknown,
    name: 'small' as unknown,
    version: 3 as unknown,
    collections: {
      notes: {
        label: { one: 'Note', many: 'Notes' },
        title: 'Note {title}',
        period: 'date',
        columns: ['title'] as unknown,
        lists: {},
        fields: [
          { path: 'title', label: 'Title', type: 'text' },
          { path: 'date', label: 'Date', type: 'date' },
          { path: 'parent', label: 'Parent', type: 'text' },
          { path: 'words.*.count', label: 'Count', type: 'number' },
        ] as Record<string, unknown>[],
        refs: [{ field: 'parent', target: 'notes', mode: 'warn' }] as Record<string, unknown>[],
        indexes: ['title', ['title', 'date']] as unknown[],
        naturalKey: ['title', 'date'] as unknown,
        rules: [] as Record<string, unknown>[],
        schema: {
          type: 'object',
          required: ['title'],
          properties: {
            title: { type: 'string' },
            date: { type: 'string', format: 'date' },
            parent: { type: 'string' },
            total: { type: 'integer' },
            words: { type: 'array', items: { $ref: '#/$defs/word' } },
          },
          $defs: { word: { type: 'object', properties: { count: { type: 'integer' } } } },
        },
      },
    } as Record<string, Record<string, unknown> & { fields: Record<string, unknown>[] }>,
    transforms: [
      {
        to: 2,
        collection: 'notes',
        expression: '$merge([$, { "title": $uppercase(title) }])',
        note: 'Loud.',
      },
      { to: 3, collection: 'notes', expression: '$merge([$, { "title": title & "!" }])', note: 'Louder.' },
    ] as Record<string, unknown>[],
  }
}

export function compiled(change: (template: Spoilable) => void = () => undefined): CompiledTemplate {
  const template = smallTemplate()
  change(template)
  return compileTemplate(parseTemplate(JSON.stringify(template)))
}

/** A template whose only transform is this expression. */
export function transforming(expression: string): CompiledTemplate {
  return compiled((template) => {
    template.version = 2
    template.transforms = [{ to: 2, collection: 'notes', expression, note: 'Under test.' }]
  })
}
