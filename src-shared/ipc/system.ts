/** Files, jobs and settings. */
import { z } from 'zod'
import { done, fileRef, none } from './common.ts'
import { command, query } from './define.ts'

/** Without defaults: a partial object would fill them in, and one change would reset all the others. */
const setting = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  density: z.enum(['comfortable', 'compact']),
  /** BCP 47 tag for numbers and dates; empty = the system's. */
  locale: z.string().max(35),
  negatives: z.enum(['minus', 'parentheses']),
  autoLockMinutes: z.number().int().min(1).max(480),
})
export const settings = z.object({
  theme: setting.shape.theme.default('system'),
  density: setting.shape.density.default('comfortable'),
  locale: setting.shape.locale.default(''),
  negatives: setting.shape.negatives.default('minus'),
  autoLockMinutes: setting.shape.autoLockMinutes.default(15),
})
export type Settings = z.infer<typeof settings>

/** What a file is chosen or uploaded for. `import`: a bundle or a file of another program, whichever it turns out to be. */
export const filePurpose = z.enum(['bundle', 'keys', 'template', 'import', 'receipt', 'agreement'])
export type FilePurpose = z.infer<typeof filePurpose>

export const systemCalls = {
  /** Native file dialog; null when the person cancels. The browser host uploads instead and gets the same `FileRef`. */
  'files.choose': command(z.object({ purpose: filePurpose }).strict(), fileRef.nullable()),
  /** Save a made file where the person says; the browser host downloads it instead. */
  'files.save': command(
    z.object({ handle: fileRef.shape.handle }).strict(),
    z.object({ saved: z.boolean(), path: z.string().nullable() }),
  ),
  /** Where a made file was saved, in the system's own file manager; nothing where the host has none. */
  'files.reveal': command(z.object({ handle: fileRef.shape.handle }).strict(), done),
  'jobs.cancel': command(z.object({ jobId: z.string().max(64) }).strict(), done),
  'settings.get': query(none, settings),
  'settings.save': command(setting.partial(), settings),
} as const
