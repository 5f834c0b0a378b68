/** From the text of a template file to a template that holds together. Nothing of a faulty one is kept. */
import type { z } from 'zod'
import { checkCollections } from './check-collections.ts'
import { checkTransforms } from './check-transforms.ts'
import { TemplateInvalidError, TemplateTooNewError } from './errors.ts'
import { TEMPLATE_FORMAT, templateFile, type TemplateFile } from './format.ts'
import { pointer } from './pointer.ts'
import { parseTemplateText } from './raw-json.ts'

/**
 * The template in a file's text, every default filled in.
 * @throws TemplateInvalidError with the JSON pointer of the first fault, TemplateTooNewError
 */
export function parseTemplate(input: string | Uint8Array): TemplateFile {
  const value = parseTemplateText(input)
  checkFormat(value)
  const parsed = templateFile.safeParse(value)
  if (!parsed.success) throw faultOf(parsed.error.issues[0])
  checkCollections(parsed.data)
  checkTransforms(parsed.data)
  return parsed.data
}

/** First of all: a newer format may look in any way. */
function checkFormat(value: unknown): void {
  const format: unknown =
    typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined
  if (typeof format !== 'number')
    throw new TemplateInvalidError('/format', `must be ${TEMPLATE_FORMAT}, the format of template files`)
  if (format > TEMPLATE_FORMAT)
    throw new TemplateTooNewError('The format of the template', format, TEMPLATE_FORMAT)
}

function faultOf(issue: z.core.$ZodIssue | undefined): TemplateInvalidError {
  if (issue === undefined) return new TemplateInvalidError('', 'is not valid')
  if (issue.code === 'unrecognized_keys') {
    const [name = ''] = issue.keys
    return new TemplateInvalidError(pointer(...issue.path, name), 'templates have no member of this name')
  }
  return new TemplateInvalidError(pointer(...issue.path), sentence(issue))
}

function sentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('undefined') ? 'is missing' : `must be of type ${issue.expected}`
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `has more than ${issue.maximum} ${issue.origin === 'array' ? 'entries' : 'characters'}`
        : `must be at most ${issue.maximum}`
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`
    case 'invalid_union':
      return 'is none of the forms that are known here'
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'this name is not allowed'
    default:
      return issue.message
  }
}
