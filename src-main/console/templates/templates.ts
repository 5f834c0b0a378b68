/** The templates of a workspace: those of this installation, and those a person imported into it. */
import type { VaultApi } from '@noy-db/hub'
import {
  type CompiledTemplate,
  compileTemplate,
  parseTemplate,
  TemplateInvalidError,
  templateLimits,
  TemplateTooNewError,
} from '@klum-db/lobby/templates'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../app-error.ts'
import { readCapped } from '../capped-files.ts'

/** One that was accepted once and is refused now, by a stricter program, keeps its name and says why. */
export type Installed =
  | { readonly source: 'program' | 'imported'; readonly template: CompiledTemplate }
  | { readonly source: 'imported'; readonly name: string; readonly version: number; readonly fault: AppError }

export interface Templates {
  /** @throws AppError where no such template is installed, or what is wrong with it. */
  get(name: string): CompiledTemplate
  /** Declares every collection of the template; once more changes nothing. */
  declare(vault: VaultApi, name: string): void
  list(): readonly Installed[]
  /** In place of one of the same name; vaults that are open already keep what was declared on them. */
  add(installed: Installed): void
}

/** Reads and checks the installation's templates. @throws AppError naming the file and the path of a fault. */
export async function loadTemplates(resourcesDir: string): Promise<readonly Installed[]> {
  const folder = join(resourcesDir, 'templates')
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'))
  return Promise.all(
    files.map(
      async (name) => ({ source: 'program', template: await loadTemplate(join(folder, name)) }) as const,
    ),
  )
}

async function loadTemplate(path: string): Promise<CompiledTemplate> {
  return readTemplate(`The template file ${path}`, await readCapped(path, templateLimits.templateBytes))
}

/** `what` begins the sentence a person reads. @throws AppError with the JSON pointer of the fault in its details */
export function readTemplate(what: string, content: string | Uint8Array): CompiledTemplate {
  try {
    return compileTemplate(parseTemplate(content))
  } catch (cause) {
    throw coded(what, cause)
  }
}

function coded(what: string, cause: unknown): unknown {
  if (cause instanceof TemplateInvalidError) {
    const { path, reason } = cause
    const place = path === '' ? 'its top' : path
    const message = `${what} is faulty at ${place}: ${reason}. Nothing was changed. Correct the template.`
    return Object.assign(new AppError('BAD_INPUT', message, { path, reason }), { cause })
  }
  if (!(cause instanceof TemplateTooNewError)) return cause
  const message = `${what} is of a newer program. Nothing was changed. Update this one.`
  return Object.assign(new AppError('BAD_INPUT', message), { cause })
}

export function templatesOf(installed: readonly Installed[]): Templates {
  const byName = new Map(installed.map((one) => [nameOf(one), one]))
  const get = (name: string): CompiledTemplate => {
    const found = byName.get(name)
    if (found === undefined) {
      throw new AppError(
        'NOT_FOUND',
        `The template "${name}" is not installed. Nothing was changed. Update the program, or import the template.`,
      )
    }
    if ('fault' in found) throw found.fault
    return found.template
  }
  return {
    get,
    declare: (vault, name) => {
      get(name).configure(vault)
    },
    list: () => [...byName.values()],
    add: (one) => void byName.set(nameOf(one), one),
  }
}

export function nameOf(installed: Installed): string {
  return 'fault' in installed ? installed.name : installed.template.name
}
