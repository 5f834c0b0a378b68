/** The templates of this installation: read once, and declared on every vault made from them. */
import type { StandardSchemaV1, VaultApi } from '@noy-db/hub'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../app-error.ts'
import { compileSchema } from './record-schema.ts'
import { type CollectionTemplate, parseTemplate } from './template.ts'

export interface CompiledCollection extends CollectionTemplate {
  readonly name: string
  readonly validator: StandardSchemaV1<unknown, Record<string, unknown>>
}

export interface Template {
  readonly name: string
  readonly version: number
  readonly collections: ReadonlyMap<string, CompiledCollection>
}

export interface Templates {
  /** @throws AppError where no such template is installed. */
  get(name: string): Template
  /** Declares every collection of the template; once more changes nothing. */
  declare(vault: VaultApi, name: string): void
}

/** Reads and checks all templates. @throws AppError with the path of a fault. */
export async function loadTemplates(resourcesDir: string): Promise<Templates> {
  const folder = join(resourcesDir, 'templates')
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'))
  const loaded = await Promise.all(
    files.map(async (name) => compileTemplate(await readJson(join(folder, name)))),
  )
  return templatesOf(loaded)
}

export function compileTemplate(value: unknown): Template {
  const file = parseTemplate(value)
  const collections = Object.entries(file.collections).map(
    ([name, definition]): [string, CompiledCollection] => {
      const validator = compileSchema(definition.schema, `collections.${name}.schema`)
      return [name, { ...definition, name, validator }]
    },
  )
  return { name: file.name, version: file.version, collections: new Map(collections) }
}

function templatesOf(loaded: readonly Template[]): Templates {
  const byName = new Map(loaded.map((template) => [template.name, template]))
  const get = (name: string): Template => {
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
    declare(vault, name) {
      for (const collection of get(name).collections.values()) declareCollection(vault, collection)
    },
  }
}

function declareCollection(
  vault: VaultApi,
  { name, validator, refs, indexes, provenance }: CompiledCollection,
): void {
  vault.collection(name, { schema: validator, refs, indexes: [...indexes], provenance })
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    const message = `The template file ${path} cannot be read. Nothing was changed. Reinstall the program.`
    throw Object.assign(new AppError('BAD_INPUT', message), { cause })
  }
}
