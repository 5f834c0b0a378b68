/**
 * What became of every value anybody wrote. Each edit writes a value of its own, so that a value that is gone can be asked
 * for: somebody who saw it wrote over it, or a recorded decision put it aside. Otherwise it was lost.
 */
export type Body = Record<string, unknown>

export class Ledger {
  readonly #written = new Map<string, string>()
  readonly #settled = new Set<string>()
  /** Values a decision put back, and records it deleted: they may meet others again. */
  readonly #chosen = new Set<string>()
  /** Records somebody deleted, by who did. */
  readonly #deleted = new Map<string, string>()
  /** Records a decision kept or brought back. */
  readonly #restored = new Set<string>()
  #count = 0

  /** A value nobody wrote before. */
  write(office: string, where: string): string {
    this.#count += 1
    const value = `${office}#${this.#count}`
    this.#written.set(value, where)
    return value
  }

  /** Somebody who has this before them makes it that. */
  replaced(before: unknown, after: unknown): void {
    const kept = valuesOf(after)
    for (const value of valuesOf(before)) if (!kept.has(value)) this.#settled.add(value)
  }

  /** A person put these sides aside for that. */
  decided(record: string, sides: readonly unknown[], current: unknown, result: unknown): void {
    this.replaced(sides, result)
    const had = valuesOf(current)
    for (const value of valuesOf(result)) if (!had.has(value)) this.#chosen.add(value)
    if (result === null) this.#chosen.add(record)
    else if (sides.includes(null)) this.#restored.add(record)
  }

  /** A person took back what an import had brought: what goes with it was put aside knowingly, as by a decision. */
  tookBack(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): void {
    const had = valuesOf(before)
    this.replaced(before, after)
    for (const value of valuesOf(after)) if (!had.has(value)) this.#chosen.add(value)
    for (const record of Object.keys(before)) if (!Object.hasOwn(after, record)) this.#chosen.add(record)
    for (const record of Object.keys(after)) if (!Object.hasOwn(before, record)) this.#restored.add(record)
  }

  wasChosen(record: string, ...values: readonly unknown[]): boolean {
    return this.#chosen.has(record) || [...valuesOf(values)].some((value) => this.#chosen.has(value))
  }

  deleted(record: string, office: string, body: unknown): void {
    this.#deleted.set(record, office)
    this.replaced(body, null)
  }

  /** Values that are neither in `state` nor accounted for. */
  lost(state: unknown): string[] {
    const here = valuesOf(state)
    return [...this.#written].flatMap(([value, where]) =>
      here.has(value) || this.#settled.has(value) ? [] : [`${value} in ${where}`],
    )
  }

  /** Deletions that came undone although nobody decided so. */
  undone(present: (record: string) => boolean): string[] {
    return [...this.#deleted].flatMap(([record, office]) =>
      present(record) && !this.#restored.has(record) ? [`${record} deleted by ${office}`] : [],
    )
  }
}

/** Every value of the ledger's making in a body. */
export function valuesOf(body: unknown): Set<string> {
  return new Set(JSON.stringify([body]).match(/[a-z]+\d*#\d+/g) ?? [])
}
