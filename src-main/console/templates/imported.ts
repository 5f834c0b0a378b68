/** Templates that people bring. They are kept in the state vault, so that they travel with the workspace and its backups. */
import type { CompiledTemplate } from '@klum-db/lobby/templates'
import type { TemplateRow } from '../../../src-shared/ipc/templates.ts'
import { AppError } from '../app-error.ts'
import type { FilesService } from '../files.ts'
import type { Open, Session } from '../session.ts'
import type { ConsoleState, ImportedTemplate } from '../state.ts'
import { type Installed, nameOf, readTemplate } from './templates.ts'

export interface TemplatesService {
  list(): Promise<TemplateRow[]>
  /** @throws AppError BAD_INPUT with the path of a fault, or where the name or version is taken */
  import(handle: string): Promise<TemplateRow>
}

export function createTemplates(session: Session, files: FilesService): TemplatesService {
  return {
    list: () => session.use(async ({ templates }) => templates.list().map(rowOf).sort(byName)),
    import: (handle) =>
      session.use(async (open) => {
        const { name, bytes } = await files.read(handle)
        const text = new TextDecoder().decode(bytes)
        return install(open, readTemplate(`The template file ${name}`, bytes), text)
      }),
  }
}

/** What was imported into this workspace; one that this program refuses says why when it is asked for. */
export async function importedTemplates({ templates }: ConsoleState): Promise<Installed[]> {
  const entries = await templates.entries()
  return entries.map(({ id, record }) => checked(id, record))
}

function checked(name: string, { text, version }: ImportedTemplate): Installed {
  try {
    return { source: 'imported', template: readTemplate(`The imported template "${name}"`, text) }
  } catch (error) {
    if (error instanceof AppError) return { source: 'imported', name, version, fault: error }
    throw error
  }
}

async function install(open: Open, template: CompiledTemplate, text: string): Promise<TemplateRow> {
  const { state, templates } = open
  const known = templates.list().find((one) => nameOf(one) === template.name)
  const stored = await state.templates.entry(template.name)
  if (stored?.record.text !== text) {
    refuseTaken(template, known)
    await state.templates.put(
      template.name,
      { version: template.version, text, importedAt: open.now() },
      { reason: 'templates.import', expectedVersion: stored?.metadata.version ?? 0 },
    )
  }
  const installed: Installed = { source: 'imported', template }
  templates.add(installed)
  return rowOf(installed)
}

/** A name is a family: another shape under the same number would leave records that fit neither. */
function refuseTaken({ name, version }: CompiledTemplate, known: Installed | undefined): void {
  if (known === undefined) return
  if (known.source === 'program') throw taken(name, 'belongs to a template of this program', 'name')
  const installed = 'fault' in known ? known.version : known.template.version
  if (version <= installed) throw taken(name, `is installed at version ${installed}`, 'version')
}

function taken(name: string, fact: string, path: 'name' | 'version'): AppError {
  const remedy = `Give the template ${path === 'name' ? 'another name' : 'a higher version'}.`
  return new AppError('BAD_INPUT', `The name "${name}" ${fact}. Nothing was changed. ${remedy}`, {
    path: `/${path}`,
    reason: `"${name}" ${fact}`,
  })
}

function rowOf(installed: Installed): TemplateRow {
  const { source } = installed
  if ('fault' in installed) {
    const { name, version, fault } = installed
    return { name, version, source, description: null, collections: [], fault: fault.message }
  }
  const { name, version, description, collections } = installed.template
  const labels = [...collections.values()].map(({ label }) => label.many)
  return { name, version, source, description: description ?? null, collections: labels, fault: null }
}

function byName(a: TemplateRow, b: TemplateRow): number {
  return a.name < b.name ? -1 : 1
}
