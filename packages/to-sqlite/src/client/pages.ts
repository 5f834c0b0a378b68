/** Long reads over several replies. Within `alone`, they see one state of the store. */
import type { EncryptedEnvelope, ListPageResult, VaultSnapshot } from '@noy-db/hub/store'
import { readEnvelope } from '../envelope.ts'
import { refuse } from '../errors.ts'
import { type Cell, envelopeCells, type RowSlice } from '../host/protocol.ts'
import type { Call, HostClient } from './host-client.ts'

type Row = ListPageResult['items'][number]

const idsAtOnce = 10_000
const envelopesAtOnce = 500

/** Cursors are marked, so that an empty id is one and a cursor of another store is not. */
const cursorMark = '>'

const cursorFor = (id: string | undefined): string | null => (id === undefined ? null : cursorMark + id)

function idBefore(cursor: string | undefined): string | null {
  if (cursor === undefined) return null
  return cursor.startsWith(cursorMark)
    ? cursor.slice(cursorMark.length)
    : refuse('This page cursor is not of this store.')
}

interface Pages {
  readonly vault: string
  readonly collection: string
  /** Only rows found under any of these. */
  readonly tokens?: readonly string[]
}

export async function readPage(
  client: HostClient,
  pages: Pages,
  cursor: string | undefined,
  limit: number,
): Promise<ListPageResult> {
  if (!Number.isSafeInteger(limit) || limit < 1) refuse('A page needs a limit of at least one row.')
  const items: Row[] = []
  let after = idBefore(cursor)
  for (;;) {
    const { cells, more } = await readSlice(client, pages, after, limit - items.length)
    pushRows(items, cells)
    after = items.at(-1)?.id ?? null
    if (!more) return { items, nextCursor: null }
    if (items.length === limit) return { items, nextCursor: cursorFor(after ?? undefined) }
  }
}

function readSlice(
  client: HostClient,
  { vault, collection, tokens }: Pages,
  after: string | null,
  limit: number,
): Promise<RowSlice> {
  return tokens === undefined
    ? client.call('rows', vault, collection, after, limit)
    : client.call('byToken', vault, collection, tokens, after, limit)
}

function pushRows(items: Row[], cells: readonly Cell[]): void {
  for (let at = 0; at < cells.length; at += 1 + envelopeCells) {
    const envelope = readEnvelope(cells, at + 1)
    if (envelope !== null) items.push({ id: String(cells[at]), envelope })
  }
}

export function readVault(client: HostClient, vault: string): Promise<VaultSnapshot> {
  return client.alone(async (call) => {
    const snapshot: VaultSnapshot = {}
    for (const name of await call('collections', vault)) {
      if (!name.startsWith('_')) setOwn(snapshot, name, await readCollection(call, vault, name))
    }
    return snapshot
  })
}

async function readCollection(
  call: Call,
  vault: string,
  name: string,
): Promise<Record<string, EncryptedEnvelope>> {
  const rows: Record<string, EncryptedEnvelope> = {}
  let after: string | null = null
  for (let more = true; more;) {
    const items: Row[] = []
    const slice = await call('rows', vault, name, after, Number.MAX_SAFE_INTEGER)
    pushRows(items, slice.cells)
    for (const { id, envelope } of items) setOwn(rows, id, envelope)
    after = items.at(-1)?.id ?? null
    more = slice.more
  }
  return rows
}

/** Assigning to `__proto__` would change the object instead of filling it. */
function setOwn<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
  else target[key] = value
}

/** Every id, where `read` gives at most so many after a given one. */
export function readIds(
  client: HostClient,
  read: (call: Call, after: string | null, limit: number) => Promise<string[]>,
): Promise<string[]> {
  return client.alone(async (call) => {
    const ids: string[] = []
    for (;;) {
      const slice = await read(call, ids.at(-1) ?? null, idsAtOnce)
      for (const id of slice) ids.push(id)
      if (slice.length < idsAtOnce) return ids
    }
  })
}

export async function readMany(
  client: HostClient,
  vault: string,
  collection: string,
  ids: readonly string[],
): Promise<Array<EncryptedEnvelope | null>> {
  const found: Array<EncryptedEnvelope | null> = []
  for (let start = 0; start < ids.length; start += envelopesAtOnce) {
    const cells = await client.call('many', vault, collection, ids.slice(start, start + envelopesAtOnce))
    for (let at = 0; at < cells.length; at += envelopeCells) found.push(readEnvelope(cells, at))
  }
  return found
}
