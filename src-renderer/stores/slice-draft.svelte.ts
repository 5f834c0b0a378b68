/** Collections and fields that are to go along: at most those that are offered. */
import type { Slice } from '../../src-shared/ipc/agreement-views.ts'

export interface OfferedCollection {
  readonly name: string
  readonly label: string
  readonly fields: ReadonlyArray<{ readonly name: string; readonly label: string }>
}

export class SliceDraft {
  offered = $state.raw<readonly OfferedCollection[]>([])
  #chosen = $state.raw<Readonly<Record<string, readonly string[]>>>({})

  /** Null where nothing would go along. */
  readonly slice: Slice | null = $derived(this.#slice())

  /** `all`: everything is chosen, to be taken away from. */
  offer(offered: readonly OfferedCollection[], all = false): void {
    this.offered = offered
    this.#chosen = all
      ? Object.fromEntries(offered.map(({ name, fields }) => [name, fields.map((field) => field.name)]))
      : {}
  }

  fieldsOf(collection: string): readonly string[] {
    return this.#chosen[collection] ?? []
  }

  choose(collection: string, fields: readonly string[]): void {
    this.#chosen = { ...this.#chosen, [collection]: fields }
  }

  toggle(collection: string, field: string, on: boolean): void {
    const before = this.fieldsOf(collection)
    this.choose(collection, on ? [...before, field] : before.filter((name) => name !== field))
  }

  #slice(): Slice | null {
    const chosen = this.offered.filter(({ name }) => this.fieldsOf(name).length > 0)
    if (chosen.length === 0) return null
    return chosen.map(({ name, fields }) => {
      const names = fields.map((field) => field.name).filter((field) => this.fieldsOf(name).includes(field))
      return { name, fields: names.length === fields.length ? null : names }
    })
  }
}
