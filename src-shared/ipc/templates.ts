/** What kinds of vaults there are. */
import { z } from 'zod'
import { fileRef, none } from './common.ts'
import { command, query } from './define.ts'

const templateRow = z.object({
  name: z.string(),
  version: z.number().int(),
  source: z.enum(['program', 'imported']),
  description: z.string().nullable(),
  /** Labels of its collections. */
  collections: z.array(z.string()),
  /** Why this program refuses a template that was imported before; null where it is usable. */
  fault: z.string().nullable(),
})
export type TemplateRow = z.infer<typeof templateRow>

export const templateCalls = {
  'templates.list': query(none, z.array(templateRow)),
  /** A file chosen or uploaded for the purpose `template`. A faulty one is refused with `details.path`, a JSON pointer. */
  'templates.import': command(z.object({ handle: fileRef.shape.handle }).strict(), templateRow),
} as const
