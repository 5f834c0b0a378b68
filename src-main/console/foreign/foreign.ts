/** Files of other programs, as the screens ask for them: what one is, what can be done with it, and the plan. */
import { deleteProfile } from '@klum-db/lobby'
import type { InputOf, OutputOf } from '../../../src-shared/ipc/contract.ts'
import type { CallContext } from '../../../src-shared/ipc/define.ts'
import type { FilesService } from '../files.ts'
import { planView, viewNames } from '../imports/plan-views.ts'
import type { PlanStore } from '../imports/plan-store.ts'
import type { RuleBook } from '../rules.ts'
import type { Session } from '../session.ts'
import { FirstRowsCache } from './first-rows.ts'
import { importedBefore, readFile } from './file-view.ts'
import { knownReading } from './known-reading.ts'
import { offersFor } from './offers.ts'
import { planFile, type PlanFileRequest } from './plan-file.ts'
import { previewFile } from './preview-view.ts'
import { profileOf } from './profiles.ts'
import type { ForeignReaders } from './readers.ts'
import { recognise } from './recognise.ts'
import type { Mapping } from '../../../src-shared/ipc/foreign.ts'

export interface ForeignService {
  recognise(file: string): Promise<OutputOf<'foreign.recognise'>>
  inspect(request: InputOf<'foreign.inspect'>, context: CallContext): Promise<OutputOf<'foreign.inspect'>>
  offers(request: InputOf<'foreign.offers'>): Promise<OutputOf<'foreign.offers'>>
  preview(
    request: { readonly file: string; readonly mapping: Mapping },
    context: CallContext,
  ): Promise<OutputOf<'foreign.preview'>>
  plan(
    request: PlanFileRequest & { readonly file: string },
    context: CallContext,
  ): Promise<OutputOf<'foreign.plan'>>
  forget(id: string): Promise<void>
}

export interface ForeignParts {
  readonly session: Session
  readonly files: FilesService
  readonly readers: ForeignReaders
  /** Shared with bundles: apply, discard and the pages of rows do not ask where a plan came from. */
  readonly plans: PlanStore
  readonly rules: RuleBook
}

export function createForeign({ session, files, readers, plans, rules }: ForeignParts): ForeignService {
  const firstRows = new FirstRowsCache()
  session.onLock(() => firstRows.clear())
  return {
    recognise: (file) => session.use(async () => ({ kind: await recognise(await files.source(file)) })),
    inspect: ({ file, kind, reading }, { signal }) =>
      session.use(async (open) => {
        const source = await files.source(file)
        const known =
          reading === undefined ? await knownReading(open, readers[kind], source, { signal }) : null
        const view = await readFile(readers[kind], source, reading ?? known?.reading, { signal })
        const ref = { handle: file, name: source.name, bytes: source.bytes }
        const alreadyImported = await importedBefore(open, view.sha256)
        return { file: ref, ...view, readAs: known?.name ?? null, alreadyImported }
      }),
    offers: (request) => session.use((open) => offersFor(open, request)),
    preview: ({ file, mapping }, { signal }) =>
      session.use(async (open) => {
        const profile = await profileOf(open, mapping)
        const how = { reader: readers[profile.kind], reading: profile.reading }
        return previewFile(await firstRows.of(file, await files.source(file), how, { signal }), profile, {
          signal,
        })
      }),
    plan: ({ file, ...request }, context) =>
      session.use(async (open) => {
        const held = await planFile(open, await files.source(file), { readers, rules }, request, context)
        plans.keep(held)
        return planView(held, await viewNames(open, rules, held))
      }),
    forget: (id) => session.use(({ db }) => deleteProfile(db, id)),
  }
}
