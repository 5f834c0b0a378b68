/** Which column becomes which field, as a person says; saved ones and what the names of the columns suggest are the start. */
import type {
  ColumnView,
  Conversion,
  Mapping,
  MappingPreviewView,
  Offers,
  TargetCollection,
} from '../../src-shared/ipc/foreign.ts'
import { api, call, isCode } from '../lib/api.ts'
import { mappedFields } from '../../src-shared/model/mapped-fields.ts'
import { type Choice, choiceOf, chosenOf, followCurrency, isTotal } from './mapping-choices.ts'
import type { ForeignFile } from './foreign-file.svelte.ts'

export type TargetField = TargetCollection['fields'][number]
/** What a row of the file is: a record, a line of one, or a record with one line. */
export type RowsAs = 'each' | NonNullable<Mapping['lines']>['rows']

export class MappingDraft {
  readonly #file: ForeignFile
  offers = $state.raw<Offers>()
  collection = $state('')
  name = $state('')
  key = $state<string[]>([])
  /** As typed, with commas between. */
  emptyWords = $state('')
  lines = $state.raw<Mapping['lines']>()
  preview = $state.raw<MappingPreviewView>()
  previewing = $state(false)
  failure = $state.raw<unknown>()
  /** By path of the field. */
  #conversions = $state.raw<ReadonlyMap<string, Conversion>>(new Map())
  #profileId = $state<string>()
  #stop: AbortController | undefined
  /** The columns that the choices were made for. */
  #readAs = ''

  readonly target = $derived(this.offers?.collections.find(({ name }) => name === this.collection))
  /** The list that rows may fill. */
  readonly list = $derived(this.target?.list ?? null)
  readonly rows: RowsAs = $derived(this.lines?.rows ?? 'each')
  /** Of the collection: those of lines only where rows have lines. */
  readonly #targets = $derived((this.target?.fields ?? []).filter((field) => this.#isOpen(field)))
  /** What a ready-made mapping brings besides, too. */
  readonly fields = $derived([...this.#targets, ...this.#others()])
  readonly #mapped = $derived(mappedFields(this.#conversions, this.#targets))
  readonly profileId = $derived(this.#profileId)
  readonly #profile = $derived(this.offers?.profiles.find(({ mapping }) => mapping.id === this.#profileId))
  /** Where the last file with this profile went. */
  readonly lastVaultId = $derived(this.#profile?.lastVaultId ?? null)
  readonly isSaved = $derived(this.#profile?.isSaved ?? false)
  readonly missing = $derived(
    this.#targets.filter(
      ({ path, required }) => required && this.#mapped.every((field) => field.path !== path),
    ),
  )
  readonly ready = $derived(
    this.name.trim() !== '' && this.key.length > 0 && this.missing.length === 0 && this.#conversions.size > 0,
  )
  /** What the preview depends on: not the name. */
  readonly shape = $derived(JSON.stringify({ ...this.mapping(), name: '' }))

  constructor(file: ForeignFile) {
    this.#file = file
  }

  get columns(): readonly ColumnView[] {
    return this.#file.columns
  }

  /** What fits goes first: a saved profile, then what the names of the columns say. */
  async load(vaultId: string | undefined): Promise<void> {
    const { kind, columns } = this.#file
    this.offers = await api.foreign.offers({ kind, columns, ...(vaultId !== undefined && { vaultId }) })
    const readAs = JSON.stringify(columns)
    const isKnown = this.#readAs === readAs
    this.#readAs = readAs
    if (isKnown && this.target) return
    const fitting = this.offers.profiles.find(({ fits }) => fits)
    if (fitting) {
      this.use(fitting.mapping)
      return
    }
    this.startNew(this.offers.best ?? this.offers.collections[0]?.name ?? '')
  }

  /** A saved one, or null for a new one from what is suggested. */
  useProfile(id: string | null): void {
    const found = this.offers?.profiles.find(({ mapping }) => mapping.id === id)
    if (found) return this.use(found.mapping)
    this.startNew(this.collection)
  }

  /** The choices stay, as those of a mapping that is not saved yet. */
  async forget(): Promise<void> {
    const id = this.#profileId
    if (id === undefined || !this.isSaved) return
    await api.foreign.forget({ id })
    this.#profileId = undefined
    if (this.offers)
      this.offers = {
        ...this.offers,
        profiles: this.offers.profiles.filter(({ mapping }) => mapping.id !== id),
      }
  }

  use({ id, name, collection, key, emptyWords, fields, lines }: Mapping): void {
    this.#profileId = id
    this.name = name
    this.collection = collection
    this.key = [...key]
    this.emptyWords = emptyWords.join(', ')
    this.lines = lines
    this.#conversions = new Map(fields.map(({ path, from }) => [path, from]))
  }

  /** Starts over with what is suggested for a collection; the name says that it is another source than before. */
  startNew(collection: string): void {
    this.#profileId = undefined
    this.name = this.#file.file.name.replace(/\.[^.]*$/, '')
    this.collection = collection
    const suggested = this.target?.suggested
    this.key = [...(suggested?.key ?? this.columns.slice(0, 1).map((column) => column.name))]
    this.emptyWords = (suggested?.emptyWords ?? []).join(', ')
    this.lines =
      suggested?.lines ?? (this.list?.needed ? { ...linesOf(this.list), rows: 'grouped' } : undefined)
    this.#conversions = new Map(suggested?.fields.map(({ path, from }) => [path, from]))
  }

  /** What a person said of the record stays; what was only suggested is suggested anew. */
  useRows(rows: RowsAs): void {
    const { list } = this
    if (list === null || rows === this.rows) return
    const [before, next] = [this.#suggestedFor(this.rows), this.#suggestedFor(rows)]
    const own = [...this.#conversions].filter(([path, from]) => {
      if (path.includes('*') || path === list.path || isTotal(from)) return false
      const choice = chosenOf(from)
      return choice === chosenOf(next.get(path)) || choice !== chosenOf(before.get(path))
    })
    this.lines = rows === 'each' ? undefined : { ...linesOf(list), rows }
    this.#conversions = followCurrency(new Map([...next, ...own]))
  }

  #suggestedFor(rows: RowsAs): Map<string, Conversion> {
    const own = this.target?.suggested
    const found = rows === 'each' ? (own?.lines === undefined ? own : null) : this.list?.[rows]
    return new Map(found?.fields.map(({ path, from }) => [path, from]))
  }

  conversion(path: string): Conversion | undefined {
    return this.#conversions.get(path)
  }

  /** Of what a sum is made. */
  partsOf(path: string): readonly string[] {
    const from = this.#mapped.find((field) => field.path === path)?.from
    return from?.as === 'sum' ? from.of : []
  }

  take(field: TargetField, choice: Choice): void {
    this.set(field.path, choiceOf(choice, field, this.#file, this.#conversions))
  }

  set(path: string, conversion: Conversion | undefined): void {
    const next = new Map(this.#conversions)
    if (conversion === undefined) next.delete(path)
    else next.set(path, conversion)
    this.#conversions = followCurrency(next)
  }

  toggleKey(column: string, isPart: boolean): void {
    this.key = isPart ? [...this.key, column] : this.key.filter((one) => one !== column)
  }

  mapping(): Mapping {
    const id = this.#profileId
    return {
      ...(id !== undefined && { id }),
      name: this.name.trim(),
      kind: this.#file.kind,
      reading: this.#file.view?.reading ?? {},
      collection: this.collection,
      key: [...this.key],
      emptyWords: this.emptyWords
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== ''),
      fields: this.#mapped,
      ...(this.lines && { lines: this.lines }),
    }
  }

  /** Tries the first rows with the mapping as it is now; a try under way is given up. */
  async look(): Promise<void> {
    this.#stop?.abort()
    if (this.key.length === 0 || !this.#isComplete()) {
      this.preview = undefined
      return
    }
    const stop = (this.#stop = new AbortController())
    this.previewing = true
    this.failure = undefined
    try {
      const mapping = { ...this.mapping(), name: this.name.trim() || this.#file.file.name.slice(0, 100) }
      const preview = await call(
        'foreign.preview',
        { file: this.#file.file.handle, mapping },
        { signal: stop.signal },
      )
      if (!stop.signal.aborted) this.preview = preview
    } catch (error) {
      if (!stop.signal.aborted && !isCode(error, 'CANCELLED')) this.failure = error
    } finally {
      if (this.#stop === stop) this.previewing = false
    }
  }

  dispose(): void {
    this.#stop?.abort()
  }

  #others(): TargetField[] {
    const known = new Set(this.target?.fields.map(({ path }) => path))
    return [...this.#conversions]
      .filter(([path]) => !known.has(path))
      .map(([path, { as }]) => ({
        path,
        label: path,
        type: as === 'value' ? ('object' as const) : ('text' as const),
        required: false,
      }))
  }

  #isOpen({ path }: TargetField): boolean {
    if (this.list === null) return true
    return this.lines === undefined ? !path.includes('*') : path !== this.list.path
  }

  /** A mapping that declares lines has one. */
  #isComplete(): boolean {
    return this.lines === undefined
      ? this.#mapped.length > 0
      : this.#mapped.some(({ path }) => path.includes('*'))
  }
}

function linesOf({ path, id }: NonNullable<TargetCollection['list']>): { path: string; id: string } {
  return { path, id }
}
