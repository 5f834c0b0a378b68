/** What the hub's bundle code and lobby may see of an open vault. */
import { readingKey } from '../collection/read-key.ts'
import { toJsonText } from '../collection/json-value.ts'
import { clearOf } from '../collection/row.ts'
import type { RowKey } from '../crypto/row-codec.ts'
import { DecryptionError } from '../errors.ts'
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
    refRegistry: core.refs,
    openCollections: [...core.collections.keys()],
    getDEK: (collection) => readingKey(keys, collection),
    openEnvelope: (collection, id, envelope) => {
      const body: unknown = JSON.parse(
        keys.codec.open(heldKey(core, collection), { collection, id }, envelope),
      )
      return body
    },
    sealEnvelope: (collection, id, record, clear) => {
      const envelope = { _noydb: 1, _iv: '', _data: '', ...clear } as const
      return keys.codec.seal(
        heldKey(core, collection),
        { collection, id },
        clearOf(envelope),
        toJsonText(record),
      )
    },
  }
}

function heldKey({ keys }: VaultCore, collection: string): RowKey {
  const key = keys.held(collection)
  if (key === undefined) throw new DecryptionError(`Ask for the key of ${collection} first (getDEK).`)
  return key
}
