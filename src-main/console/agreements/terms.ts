/** Terms as screens show and ask for them: seen from this office, with the words of the client's template. */
import type { SurfaceDirection, SurfaceSide, SurfaceSlice, SurfaceTerms } from '@klum-db/lobby'
import { type CompiledCollection, hintFor } from '@klum-db/lobby/templates'
import type { Direction, Slice, TermsInput, TermsView } from '../../../src-shared/ipc/agreement-views.ts'
import type { FieldHint } from '../../../src-shared/ipc/common.ts'
import { clientTemplate } from '../clients/names.ts'
import type { Open } from '../session.ts'

export interface Words {
  readonly collection: (name: string) => CompiledCollection | undefined
  readonly label: (collection: string) => string
  readonly field: (collection: string, name: string) => FieldHint
}

/** An agreement nobody has chosen a client for is read with the template most clients have. */
export function wordsOf({ templates, templateNames }: Open, vaultId: string | null): Words {
  const template = templates.get(templateNames.get(vaultId ?? '') ?? clientTemplate)
  const collection = (name: string): CompiledCollection | undefined => template.collections.get(name)
  return {
    collection,
    label: (name) => collection(name)?.label.many ?? name,
    field: (name, path) => hintFor(collection(name), path),
  }
}

const reversed: Readonly<Record<SurfaceDirection, SurfaceDirection>> = {
  push: 'pull',
  pull: 'push',
  bidi: 'bidi',
}
const seen: Readonly<Record<SurfaceDirection, Direction>> = { push: 'send', pull: 'receive', bidi: 'both' }
const said: Readonly<Record<Direction, SurfaceDirection>> = { send: 'push', receive: 'pull', both: 'bidi' }

/** The engine says it as the proposer sees it. */
export function directionFrom(side: SurfaceSide, direction: SurfaceDirection): Direction {
  return seen[side === 'proposer' ? direction : reversed[direction]]
}

export function termsView(terms: SurfaceTerms, side: SurfaceSide, words: Words): TermsView {
  const { collections, fields = {}, conflictPolicy, cadenceMs, expiresAt } = terms
  return {
    collections: collections.map((name) => ({
      name,
      label: words.label(name),
      fields: Object.hasOwn(fields, name)
        ? (fields[name] ?? []).map((field) => ({ name: field, label: words.field(name, field).label }))
        : null,
    })),
    direction: directionFrom(side, terms.direction),
    strategy: strategyOf(conflictPolicy.strategy),
    cadenceMs: cadenceMs ?? null,
    expiresAt: isoOrNull(expiresAt),
  }
}

function strategyOf(strategy: SurfaceTerms['conflictPolicy']['strategy']): string {
  return typeof strategy === 'string' ? strategy : (strategy.default ?? 'manual-queue')
}

export function isoOrNull(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString()
}

export function sliceOf(slice: Slice): SurfaceSlice {
  const fields = slice.flatMap(({ name, fields: chosen }) =>
    chosen === null ? [] : [[name, chosen] as const],
  )
  return {
    collections: slice.map(({ name }) => name),
    ...(fields.length > 0 && { fields: Object.fromEntries(fields) }),
  }
}

/** As the proposer, who asks for them. */
export function termsOf({ slice, direction, strategy, cadenceMs, expiresAt }: TermsInput): SurfaceTerms {
  return {
    ...sliceOf(slice),
    direction: said[direction],
    conflictPolicy: { strategy },
    ...(cadenceMs !== null && { cadenceMs }),
    ...(expiresAt !== null && { expiresAt: Date.parse(expiresAt) }),
  }
}
