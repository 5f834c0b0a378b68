/** The references declared in a vault so far this session. */
import type { RefDescriptor, RefMode } from '../types/schema.ts'

export interface InboundRef {
  readonly collection: string
  readonly field: string
  readonly mode: RefMode
}

export class RefRegistry {
  readonly #outbound = new Map<string, Readonly<Record<string, RefDescriptor>>>()
  readonly #inbound = new Map<string, InboundRef[]>()

  declare(collection: string, refs: Readonly<Record<string, RefDescriptor>>): void {
    this.#outbound.set(collection, { ...refs })
    for (const [field, { target, mode }] of Object.entries(refs)) {
      const inbound = this.#inbound.get(target) ?? []
      this.#inbound.set(target, [...inbound, { collection, field, mode }])
    }
  }

  get isEmpty(): boolean {
    return this.#outbound.size === 0
  }

  has(collection: string): boolean {
    return Object.keys(this.getOutbound(collection)).length > 0
  }

  getOutbound(collection: string): Readonly<Record<string, RefDescriptor>> {
    return this.#outbound.get(collection) ?? {}
  }

  getInbound(target: string): readonly InboundRef[] {
    return this.#inbound.get(target) ?? []
  }

  resolve(collection: string, field: string): RefDescriptor | null {
    const refs = this.getOutbound(collection)
    return Object.hasOwn(refs, field) ? (refs[field] ?? null) : null
  }
}
