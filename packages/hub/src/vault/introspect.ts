/** What the hub's bundle code and lobby may see of an open vault. */
import { readingKey } from '../collection/read-key.ts'
import { toJsonText } from '../collection/json-value.ts'
import { clearOf } from '../collection/row.ts'
import type { RowKey } from '../crypto/row-codec.ts'
import { DecryptionError } from '../errors.ts'
import { assertMayWrite } from '../keyring/roles.ts'
import type { VaultIntrospectState } from '../types/vault.ts'
import type { VaultCore } from './vault-core.ts'

export function introspect(core: VaultCore): VaultIntrospectState {
  const { keys } = core
  return {
    adapter: core.store,
    name: core.name,
    userId: keys.userId,
    role: keys.role,
    vaultUlid: keys.vaultUlid,
    encrypted: keys.encrypted,
    keyGeneration: keys.generation,
    refRegistry: core.refs,
    assertMayWrite: (collection) => assertMayWrite(keys, collection),
    openCollections: [...core.collections.keys()],
    getDEK: (collection) => readingKey(keys, collection),
    openEnvelope: (collection, id, envelope) => {
      const body: unknown = JSON.parse(
        keys.codec.open(heldKey(core, keyCollection(collection, id)), { collection, id }, envelope),
      )
      return body
    },
    sealEnvelope: (collection, id, record, clear) => {
      const envelope = { _noydb: 1, _iv: '', _data: '', ...clear } as const
      return keys.codec.seal(
        heldKey(core, keyCollection(collection, id)),
        { collection, id },
        clearOf(envelope),
        toJsonText(record),
      )
    },
  }
}

/** A reserved row about a collection is sealed with that collection's key: `_schemas/<collection>`, `_x/<collection>/<key>`. */
function keyCollection(collection: string, id: string): string {
  if (collection === '_schemas') return id
  const slash = collection.startsWith('_') ? id.indexOf('/') : -1
  return slash > 0 ? id.slice(0, slash) : collection
}

function heldKey({ keys }: VaultCore, collection: string): RowKey {
  const key = keys.held(collection)
  if (key === undefined) throw new DecryptionError(`Ask for the key of ${collection} first (getDEK).`)
  return key
}
