/**
 * What a compartment says besides its records, sealed in its manifest entry where readers that do not know it pass it by:
 * records that were deleted, records the sender has not decided about, and rows of the receiver's messages it left out.
 * Layout: docs/bundle-format.md 5.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { limits } from '@noy-db/hub'
import { z } from 'zod'
import type { CompartmentManifest } from '../bundle/types.ts'
import { parseOutsideJson } from '../bundle/safe-json.ts'
import { BundleInvalidError } from '../errors.ts'
import { groupBy } from '../group-by.ts'

/** ISO-8601 of the deletion. */
export interface Deletion {
  readonly collection: string
  readonly id: string
  readonly at: string
}

/** A row that was left out of a message of the receiver's, which was taken otherwise. */
export interface LeftOut {
  readonly collection: string
  readonly id: string
  readonly exchangeId: string
}

export interface CompartmentNotes {
  readonly deleted: readonly Deletion[]
  /** Open conflicts with the receiver: what is sent of these records decides nothing. */
  readonly unsettled: readonly { readonly collection: string; readonly id: string }[]
  readonly leftOut: readonly LeftOut[]
}

export const NO_NOTES: CompartmentNotes = { deleted: [], unsettled: [], leftOut: [] }

const PURPOSE = 'noydb compartment notes 1'
const IV_BYTES = 12
const TAG_BYTES = 16

const Name = z
  .string()
  .min(1)
  .max(limits.nameBytes)
  .refine((name) => !name.startsWith('_') && !name.includes('/'))
const Id = z.string().min(1).max(limits.idBytes)
const Grouped = <Row extends z.ZodType>(row: Row) =>
  z.array(z.strictObject({ collection: Name, rows: z.array(row).max(limits.bundleDeletions) }))
const NotesShape = z.strictObject({
  deleted: Grouped(z.strictObject({ id: Id, at: z.iso.datetime() })),
  unsettled: Grouped(z.strictObject({ id: Id })),
  leftOut: Grouped(z.strictObject({ id: Id, exchangeId: z.string().min(1).max(limits.nameBytes) })),
})

type Place = Pick<CompartmentManifest, 'handle' | 'innerSha256'>

/** Base64 of IV, ciphertext and tag; undefined where there is nothing to say. */
export function sealNotes(
  { deleted, unsettled, leftOut }: CompartmentNotes,
  transferKey: Uint8Array,
  place: Place,
): string | undefined {
  if (deleted.length + unsettled.length + leftOut.length === 0) return undefined
  const text = JSON.stringify({
    deleted: grouped(deleted, ({ id, at }) => ({ id, at })),
    unsettled: grouped(unsettled, ({ id }) => ({ id })),
    leftOut: grouped(leftOut, ({ id, exchangeId }) => ({ id, exchangeId })),
  })
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keyOf(transferKey), iv).setAAD(boundTo(place))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([iv, body, cipher.getAuthTag()]).toString('base64')
}

function grouped<T extends { readonly collection: string }>(rows: readonly T[], shown: (row: T) => object) {
  const groups = groupBy(rows, ({ collection }) => collection)
  return [...groups].map(([collection, all]) => ({ collection, rows: all.map(shown) }))
}

function keyOf(transferKey: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', transferKey, new Uint8Array(), PURPOSE, 32))
}

function boundTo({ handle, innerSha256 }: Place): Buffer {
  return Buffer.from(JSON.stringify([PURPOSE, handle, innerSha256]))
}

/** @throws BundleInvalidError where they do not open, name more than is taken, or name a record twice */
export function openNotes(entry: CompartmentManifest, transferKey: Uint8Array): CompartmentNotes {
  if (entry.notes === undefined) return NO_NOTES
  const json = parseOutsideJson(unseal(entry, entry.notes, transferKey), limits.manifestBytes, 'notes')
  const parsed = NotesShape.safeParse(json)
  if (!parsed.success) throw damaged(entry)
  const deleted = ungrouped(parsed.data.deleted)
  const unsettled = ungrouped(parsed.data.unsettled)
  const leftOut = ungrouped(parsed.data.leftOut)
  for (const rows of [deleted, unsettled, leftOut]) {
    const names = rows.map((row) => JSON.stringify([row.collection, row.id, Reflect.get(row, 'exchangeId')]))
    if (rows.length > limits.bundleDeletions || new Set(names).size !== rows.length) throw damaged(entry)
  }
  return { deleted, unsettled, leftOut }
}

function ungrouped<Row extends object>(
  groups: readonly { readonly collection: string; readonly rows: readonly Row[] }[],
): (Row & { readonly collection: string })[] {
  return groups.flatMap(({ collection, rows }) => rows.map((row) => ({ ...row, collection })))
}

function unseal(entry: CompartmentManifest, notes: unknown, transferKey: Uint8Array): Buffer {
  if (typeof notes !== 'string') throw damaged(entry)
  const bytes = Buffer.from(notes, 'base64')
  if (bytes.length < IV_BYTES + TAG_BYTES || bytes.toString('base64') !== notes) throw damaged(entry)
  const decipher = createDecipheriv('aes-256-gcm', keyOf(transferKey), bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(boundTo(entry)).setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()])
  } catch {
    throw damaged(entry)
  }
}

function damaged({ name, handle }: CompartmentManifest): BundleInvalidError {
  return new BundleInvalidError(`What compartment ${name ?? handle} says of deleted records is damaged.`)
}
