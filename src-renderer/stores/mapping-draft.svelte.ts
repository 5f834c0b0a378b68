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
import { conversionFor } from '../../src-shared/model/field-conversion.ts'
import type { ForeignFile } from './foreign-file.svelte.ts'

export type TargetField = TargetCollection['fields'][number]

/** In place of a column. */
export const FIXED = '='

export class MappingDraft {
  readonly #file: ForeignFile
  offers = $state.raw<Offers>()
  collection = $state('')
  name = $state('')
  key = $state<string[]>([])
  /** As typed, with commas between. */
  emptyWords = $state('')
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
  /** Those of the collection, and what a ready-made mapping brings besides. */
  readonly fields = $derived([...(this.target?.fields ?? []), ...this.#others()])
  readonly profileId = $derived(this.#profileId)
  readonly #profile = $derived(this.offers?.profiles.find(({ mapping }) => mapping.id === this.#profileId))
  /** Where the last file with this profile went. */
  readonly lastVaultId = $derived(this.#profile?.lastVaultId ?? null)
  readonly isSaved = $derived(this.#profile?.isSaved ?? false)
  readonly missing = $derived(
    (this.target?.fields ?? []).filter(({ path, required }) => required && !this.#conversions.has(path)),
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

  use({ id, name, collection, key, emptyWords, fields }: Mapping): void {
    this.#profileId = id
    this.name = name
    this.collection = collection
    this.key = [...key]
    this.emptyWords = emptyWords.join(', ')
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
    this.#conversions = new Map(suggested?.fields.map(({ path, from }) => [path, from]))
  }

  conversion(path: string): Conversion | undefined {
    return this.#conversions.get(path)
  }

  /** `source`: a column, `FIXED`, or nothing for none. */
  take({ path, type }: TargetField, source: string): void {
    if (source === '') return this.set(path, undefined)
    if (source === FIXED) return this.set(path, { as: 'constant', value: '' })
    const column = this.columns.find(({ name }) => name === source)
    if (column) this.set(path, this.#conversionOf(type, column))
  }

  set(path: string, conversion: Conversion | undefined): void {
    const next = new Map(this.#conversions)
    if (conversion === undefined) next.delete(path)
    else next.set(path, conversion)
    this.#conversions = next
  }

  toggleKey(column: string, isPart: boolean): void {
    this.key = isPart ? [...this.key, column] : this.key.filter((one) => one !== column)
  }

  mapping(): Mapping {
    const id = this.#profileId
    const required = new Set(this.target?.fields.filter((field) => field.required).map(({ path }) => path))
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
      fields: [...this.#conversions].map(([path, from]) => ({ path, from, required: required.has(path) })),
    }
  }

  /** Reads the file with the mapping as it is now; one under way is given up. */
  async look(): Promise<void> {
    this.#stop?.abort()
    if (this.key.length === 0 || this.#conversions.size === 0) {
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

  /** A document's values are what the template has, amounts in minor units among them. */
  #conversionOf(type: TargetField['type'], column: ColumnView): Conversion {
    if (this.#file.kind === 'ubl') return { as: 'value', column: column.name }
    return conversionFor(type, this.#marked(column), this.#currencyColumn())
  }

  /** Text is read with the marks of the file too, where a person says that it is a number. */
  #marked(column: ColumnView): ColumnView {
    const { decimalMark, dateOrder } = this.#file
    return { decimalMark, dateOrder, ...column }
  }

  #currencyColumn(): string | undefined {
    const from = this.#conversions.get('currency')
    return from?.as === 'text' ? from.column : undefined
  }
}
