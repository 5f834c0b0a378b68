/** The templates of this installation: files read once, and declared on every vault made from them. */
import type { VaultApi } from '@noy-db/hub'
import {
  type CompiledTemplate,
  compileTemplate,
  parseTemplate,
  TemplateInvalidError,
  TemplateTooNewError,
} from '@klum-db/lobby/templates'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../app-error.ts'

export interface Templates {
  /** @throws AppError where no such template is installed. */
  get(name: string): CompiledTemplate
  /** Declares every collection of the template; once more changes nothing. */
  declare(vault: VaultApi, name: string): void
}

/** Reads and checks all templates. @throws AppError naming the file and the path of a fault. */
export async function loadTemplates(resourcesDir: string): Promise<Templates> {
  const folder = join(resourcesDir, 'templates')
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'))
  const loaded = await Promise.all(files.map((name) => loadTemplate(join(folder, name))))
  return templatesOf(loaded)
}

/** @throws AppError naming the file, and in its details the JSON pointer of the fault */
export async function loadTemplate(path: string): Promise<CompiledTemplate> {
  try {
    return compileTemplate(parseTemplate(await readFile(path)))
  } catch (cause) {
    throw Object.assign(faultyFile(path, cause), { cause })
  }
}

function faultyFile(path: string, cause: unknown): AppError {
  const remedy = 'Nothing was changed. Reinstall the program, or correct the template.'
  if (cause instanceof TemplateInvalidError) {
    const place = cause.path === '' ? 'its top' : cause.path
    return new AppError(
      'BAD_INPUT',
      `The template file ${path} is faulty at ${place}: ${cause.reason}. ${remedy}`,
      { path: cause.path, reason: cause.reason },
    )
  }
  const reason = cause instanceof TemplateTooNewError ? 'is of a newer program' : 'cannot be read'
  return new AppError('BAD_INPUT', `The template file ${path} ${reason}. ${remedy}`)
}

function templatesOf(loaded: readonly CompiledTemplate[]): Templates {
  const byName = new Map(loaded.map((template) => [template.name, template]))
  const get = (name: string): CompiledTemplate => {
    const template = byName.get(name)
    if (template === undefined) {
      throw new AppError(
        'NOT_FOUND',
        `The template "${name}" is not installed. Nothing was changed. Update the program.`,
      )
    }
    return template
  }
  return {
    get,
    declare: (vault, name) => {
      get(name).configure(vault)
    },
  }
}
