/** What would leave, in figures and in the first few records, by the code that sends it. */
import { previewSurface, type SurfacePreview, type SurfaceRow } from '@klum-db/lobby'
import { titleOf } from '@klum-db/lobby/templates'
import type { AgreementPreview, Slice } from '../../../src-shared/ipc/agreement-views.ts'
import { sentenceForEngine } from '../error-sentences.ts'
import { clientOf, type Desk, vaultOf } from './desk.ts'
import { sliceOf, type Words, wordsOf } from './terms.ts'

const sampled = 5

export async function previewAgreement(
  desk: Desk,
  { id, full }: { readonly id: string; readonly full: boolean },
  signal: AbortSignal,
): Promise<AgreementPreview> {
  const vault = await vaultOf(desk, id)
  const row = await desk.surfaces.get(id)
  const preview = await previewSurface(vault, row, { ...desk.gate, full, signal })
  return previewView(preview, wordsOf(desk.open, await clientOf(desk, id)))
}

/** Of terms that nobody has proposed yet: everything they cover. */
export async function previewDraft(desk: Desk, vaultId: string, slice: Slice): Promise<AgreementPreview> {
  const vault = await desk.open.vault(vaultId)
  return previewView(await previewSurface(vault, draftRow(desk, slice)), wordsOf(desk.open, vaultId))
}

function draftRow({ identity, clock }: Desk, slice: Slice): SurfaceRow {
  const { collections, fields } = sliceOf(slice)
  return {
    id: 'draft',
    collections,
    ...(fields !== undefined && { fields: { ...fields } }),
    direction: 'push',
    conflictPolicy: { strategy: 'three-way' },
    status: 'proposed',
    proposedBy: identity.party,
    createdAt: clock(),
  }
}

function previewView(preview: SurfacePreview, words: Words): AgreementPreview {
  const { blocked, base, records, collections } = preview
  return {
    blocked: blocked === undefined ? null : blockedWords(blocked),
    base,
    records,
    gone: collections.reduce((sum, { gone }) => sum + gone.length, 0),
    fields: collections.reduce((sum, { fields }) => sum + fields.filter(isShown).length, 0),
    withheld: collections.reduce((sum, { withheld }) => sum + withheld.length, 0),
    collections: collections.map((one) => ({
      name: one.collection,
      label: words.label(one.collection),
      records: one.records,
      present: one.present,
      gone: one.gone.length,
      fields: one.fields.filter(isShown).map((name) => words.field(one.collection, name)),
      withheld: one.withheld.map((name) => ({ name, label: words.field(one.collection, name).label })),
      sample: preview.page(one.collection, { offset: 0, limit: sampled }).map(({ id, record }) => ({
        id,
        title: titleOf(words.collection(one.collection), id, record),
        record,
      })),
    })),
  }
}

const notNow: Readonly<Record<string, string>> = {
  SURFACE_STATE: 'Nothing leaves just now: the agreement is not in force, or one of you has suspended it.',
  SURFACE_EXPIRED: 'Nothing leaves any more: the agreement has ended. Renew it with the other office.',
  SURFACE_DIRECTION: 'Nothing leaves: under this agreement you only receive.',
}

function blockedWords(code: string): string {
  return notNow[code] ?? sentenceForEngine(code) ?? code
}

/** The id always goes along and is no choice. */
function isShown(name: string): boolean {
  return name !== 'id'
}
