/** The application services of one workspace, composed. Hosts make one and hand it to the handlers. */
import { type ActivityService, createActivity } from './activity/activity.ts'
import { type AgreementsService, createAgreements } from './agreements/agreements.ts'
import { type CadenceWatch, createCadenceWatch } from './agreements/cadence.ts'
import { type ChangeFeed, createChangeFeed } from './change-feed.ts'
import { type ClientRows, createClientRows } from './clients/client-rows.ts'
import { type ClientsService, createClients } from './clients/clients.ts'
import { type ConflictsService, createConflicts } from './conflicts/conflicts.ts'
import { createQueueHolder, type QueueHolder } from './conflicts/queue.ts'
import { fillDemo } from './demo/fill-demo.ts'
import { createFiles, type FilesService } from './files.ts'
import { createForeign, type ForeignService } from './foreign/foreign.ts'
import { createReaders } from './foreign/readers.ts'
import { createImports, type ImportsService } from './imports/imports.ts'
import { PlanStore } from './imports/plan-store.ts'
import { createJobs, type Jobs } from './jobs.ts'
import type { ConsoleOptions } from './options.ts'
import { createOutgoing, type Outgoing } from './outgoing.ts'
import { createPeriods, type PeriodsService } from './periods/periods.ts'
import { periodRefusal } from './periods/words.ts'
import { createJudging, type Judging } from './rules.ts'
import { createSession, type Session } from './session.ts'
import { createSettings, type SettingsService } from './settings.ts'
import { createStorage } from './storage.ts'
import { createTemplates, type TemplatesService } from './templates/imported.ts'
import { type Installed, loadTemplates } from './templates/templates.ts'
import { createWorkspace, type WorkspaceService } from './workspace.ts'

export interface Console extends Outgoing {
  readonly workspace: WorkspaceService
  readonly clients: ClientsService
  readonly imports: ImportsService
  readonly foreign: ForeignService
  readonly conflicts: ConflictsService
  readonly activity: ActivityService
  readonly agreements: AgreementsService
  readonly files: FilesService
  readonly templates: TemplatesService
  readonly periods: PeriodsService
  readonly settings: SettingsService
  readonly jobs: Jobs
  readonly session: Session
  /** The machine goes to sleep or its screen is locked: lock now. */
  suspended(): Promise<void>
  /** Locks and releases the workspace file. */
  close(): Promise<void>
}

export function createConsole(options: ConsoleOptions): Console {
  const { emit } = options
  const storage = createStorage(options)
  const settings: SettingsService = createSettings(() => session, emit)
  const locale = (): string => settings.known.locale
  const session: Session = sessionOf(options, settings)
  const files = createFiles(options)
  const jobs = createJobs(emit)
  const judging = createJudging(session, options, locale)
  const rows = createClientRows(judging.books)
  const queue = createQueueHolder(judging.rules)
  const incoming = createIncoming(session, files, judging, options)
  const feed = createChangeFeed(emit, rows.forget)
  const cadence = createCadenceWatch(options)
  const forgetAll = ending({ jobs, feed, cadence, queue, rows, imports: incoming.imports, files })
  session.onLock(() => void forgetAll())
  session.onUnlock(feed.follow)
  session.onUnlock(settings.load)
  session.onUnlock(cadence.follow)
  const workspace = createWorkspace({
    options,
    storage,
    session,
    fillDemo: fillDemo(options),
    cleanUp: forgetAll,
  })
  return {
    session,
    settings,
    files,
    jobs,
    ...incoming,
    workspace,
    clients: createClients(session, { rows, ...judging }),
    conflicts: createConflicts(session, { queue, ...judging }, locale),
    periods: createPeriods(session, judging.books, emit),
    ...createOutgoing(session, { files, settings, workbookEntry: options.workbookEntry }),
    activity: createActivity(session),
    agreements: createAgreements(session, files, { cadence, ...judging }),
    templates: createTemplates(session, files),
    suspended: workspace.lock,
    close: () => workspace.lock().then(() => storage.close()),
  }
}

/** Bundles and files of other programs: what is planned of either is applied alike. */
function createIncoming(
  session: Session,
  files: FilesService,
  judging: Judging,
  options: ConsoleOptions,
): Pick<Console, 'imports' | 'foreign'> {
  const plans = new PlanStore()
  const { rules } = judging
  return {
    imports: createImports(session, { files, plans, ...judging }),
    foreign: createForeign({ session, files, readers: createReaders(options), plans, rules }),
  }
}

interface Ending extends Pick<Console, 'jobs' | 'imports' | 'files'> {
  readonly feed: ChangeFeed
  readonly cadence: CadenceWatch
  readonly queue: QueueHolder
  readonly rows: ClientRows
}

/** What must not outlive the session; files last, once nothing writes any more. */
function ending({ jobs, feed, cadence, queue, rows, imports, files }: Ending): () => Promise<void> {
  return () => {
    jobs.cancelAll()
    feed.stop()
    cadence.stop()
    queue.drop()
    rows.clear()
    imports.clear()
    return files.clear()
  }
}

function sessionOf(options: ConsoleOptions, settings: SettingsService): Session {
  return createSession({
    console: options,
    templates: once(() => loadTemplates(options.resourcesDir)),
    autoLockMinutes: () => settings.known.autoLockMinutes,
    explain: (open, thrown) => periodRefusal(open, thrown, settings.known.locale),
  })
}

type Loading = Promise<readonly Installed[]>

/** Loaded when first needed, and again if that failed. */
function once(load: () => Loading): () => Loading {
  let loaded: Loading | null = null
  return () =>
    (loaded ??= load().catch((error: unknown) => {
      loaded = null
      throw error
    }))
}
