/** Made-up conflicts and a main process in memory, for the tests of the conflict screen. */
import type {
  ConflictDetailView,
  ConflictFieldView,
  ConflictRowView,
  ResolutionView,
} from '../../src-shared/ipc/conflicts.ts'
import type { ConflictApi } from './conflict-desk.svelte.ts'

export function field(
  path: string,
  sides: readonly [unknown, unknown, unknown],
  more: Partial<ConflictFieldView> = {},
): ConflictFieldView {
  const [base, ours, theirs] = sides
  const hint = { path, label: path.charAt(0).toUpperCase() + path.slice(1), type: 'text' } as const
  const changed = { ours: base !== ours, theirs: base !== theirs }
  const changedBy =
    ours === theirs ? 'none' : changed.ours && changed.theirs ? 'both' : changed.ours ? 'ours' : 'theirs'
  return { path, hint, base, ours, theirs, changedBy, ...more }
}

export const freight = field('freight', [3238, 3338, 3438], {
  hint: { path: 'freight', label: 'Freight', type: 'money', currencyPath: 'currency' },
})
export const shipName = field('shipName', ['Vins et alcools', 'Vins & alcools', 'Vins et alcools Ch.'], {
  hint: { path: 'shipName', label: 'Ship to', type: 'text' },
})
export const notes = field('notes', ['', 'called', ''])
export const number = field('number', ['10248', '10248', '10248'])

export function detail(more: Partial<ConflictDetailView> = {}): ConflictDetailView {
  const fields = more.fields ?? [freight, shipName, number]
  const side = (name: 'base' | 'ours' | 'theirs') =>
    Object.fromEntries(fields.map((one) => [one.path, one[name]]))
  return {
    vault: 'V1',
    collection: 'invoices',
    conflictId: 'C1',
    recordId: '10248',
    vaultName: 'Vins et alcools Chevalier',
    title: 'Invoice 10248',
    kind: 'edited-by-both',
    status: 'open',
    queuedAt: '2026-05-09T10:12:00Z',
    party: 'bookkeeper',
    batchId: null,
    baseKnown: true,
    baseAt: '2026-05-03T08:00:00Z',
    oursOrigin: { by: 'reviewer', at: '2026-05-09T10:12:00Z', source: null, version: 3 },
    theirsOrigin: { by: 'bookkeeper', at: '2026-05-08T17:40:00Z', source: 'desk-2', version: 2 },
    explanation: 'Both sides changed the freight since 3 May.',
    moved: false,
    currency: 'EUR',
    base: side('base'),
    ours: side('ours'),
    theirs: side('theirs'),
    rowVersion: 1,
    recordVersion: 3,
    decision: null,
    ...more,
    fields,
  }
}

export interface FakeMain {
  readonly api: ConflictApi
  readonly sent: {
    readonly id: string
    readonly resolution: ResolutionView
    readonly reason: string | undefined
  }[]
  /** Set to make the next decision fail. */
  refusal: Error | null
  issues: { path: string; message: string }[]
  /** Replaces what a conflict is, as when its record moved. */
  change(id: string, more: Partial<ConflictDetailView>): void
}

/** A queue of so many conflicts, decided and undone in memory. */
export function fakeMain(
  count: number,
  make: (at: number) => Partial<ConflictDetailView> = () => ({}),
): FakeMain {
  const all = new Map<string, ConflictDetailView>()
  for (let at = 0; at < count; at += 1) {
    const id = `C${at + 1}`
    const titles = { conflictId: id, recordId: String(10248 + at), title: `Invoice ${10248 + at}` }
    all.set(id, detail({ ...titles, ...make(at) }))
  }
  const found = (id: string): ConflictDetailView => all.get(id) ?? detail()
  const main: FakeMain = {
    sent: [],
    refusal: null,
    issues: [],
    change: (id, more) => void all.set(id, { ...found(id), ...more }),
    api: {
      ...reading(() => [...all.values()], found),
      ...deciding(
        () => main,
        () => [...all.values()],
      ),
      preview: () => Promise.resolve({ result: {}, issues: main.issues, moved: false }),
    },
  }
  return main
}

type Known = () => readonly ConflictDetailView[]

const withStatus = (known: Known, status: string): ConflictDetailView[] =>
  known().filter((one) => one.status === status)

function reading(
  known: Known,
  found: (id: string) => ConflictDetailView,
): Pick<ConflictApi, 'counts' | 'list' | 'get' | 'previewMany'> {
  const count = (status: string): number => withStatus(known, status).length
  return {
    counts: () =>
      Promise.resolve({
        open: count('open'),
        decided: count('decided'),
        byVault: [{ vault: 'V1', name: 'Vins et alcools Chevalier', open: count('open') }],
        byField: [{ field: 'freight', label: 'Freight', open: count('open') }],
      }),
    list: (input = {}) => {
      const rows = withStatus(known, input.filter?.status ?? 'open')
      const from = input.offset ?? 0
      const page = rows.slice(from, from + (input.limit ?? 200)).map(rowOf)
      return Promise.resolve({ rows: page, total: rows.length, cursor: null })
    },
    get: ({ ref }) => Promise.resolve(found(ref.conflictId)),
    previewMany: () => {
      const sample = withStatus(known, 'open').map(rowOf)
      return Promise.resolve({ hash: 'h', matching: sample.length, left: 0, sample })
    },
  }
}

function deciding(main: () => FakeMain, known: Known): Pick<ConflictApi, 'decide' | 'decideMany' | 'undo'> {
  const remaining = (): number => withStatus(known, 'open').length
  const setAll = (found: readonly ConflictDetailView[], more: Partial<ConflictDetailView>): number => {
    for (const one of found) main().change(one.conflictId, more)
    return found.length
  }
  return {
    decide: ({ ref, resolution, reason }) => {
      const { refusal } = main()
      main().refusal = null
      if (refusal) return Promise.reject(refusal)
      main().sent.push({ id: ref.conflictId, resolution, reason })
      main().change(ref.conflictId, { status: 'decided', batchId: `B-${ref.conflictId}` })
      return Promise.resolve({ batchId: `B-${ref.conflictId}`, decided: 1, remaining: remaining() })
    },
    decideMany: () => {
      const decided = setAll(withStatus(known, 'open'), { status: 'decided', batchId: 'B-many' })
      return Promise.resolve({ batchId: 'B-many', decided, remaining: 0 })
    },
    undo: ({ batchId }) => {
      const undone = setAll(
        known().filter((one) => one.batchId === batchId),
        { status: 'open', batchId: null },
      )
      return Promise.resolve({ undone, remaining: remaining() })
    },
  }
}

function rowOf(one: ConflictDetailView): ConflictRowView {
  const {
    vault,
    collection,
    conflictId,
    recordId,
    vaultName,
    title,
    kind,
    status,
    queuedAt,
    party,
    batchId,
  } = one
  const fields = one.fields.map(({ hint }) => hint.label)
  return {
    vault,
    collection,
    conflictId,
    recordId,
    vaultName,
    title,
    kind,
    status,
    fields,
    queuedAt,
    party,
    batchId,
  }
}
