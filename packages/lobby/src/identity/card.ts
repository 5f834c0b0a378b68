/**
 * The card an office gives out before anything was exchanged: its names and public keys, signed with the key it names. What
 * is signed is the UTF-8 text `noydb-card-1\n` + canonical JSON of every other member. A card proves that its maker holds
 * the signing key; whose key that is, a person finds out by comparing fingerprints.
 */
import { z } from 'zod'
import type { NoydbApi } from '@noy-db/hub'
import { parseOutsideJson } from '../bundle/safe-json.ts'
import { canonicalJson } from '../canonical-json.ts'
import { LobbyError } from '../errors.ts'
import { openState } from '../state.ts'
import { saidOf } from './check-sender.ts'
import { fingerprintOf, isSignedBy, signText } from './keys.ts'
import { loadIdentity } from './own-identity.ts'
import { BodyFormats, Name, PublicKey, READ_BODY_FORMATS, Signature } from './shapes.ts'
import type { KnownSender } from './types.ts'

const DOMAIN = 'noydb-card-1\n'
const MAX_BYTES = 4096

export interface Card {
  readonly noydbCard: 1
  readonly party: string
  readonly publicKey: string
  readonly encryptionKey: string
  readonly bodyFormats: readonly number[]
  /** ISO-8601. */
  readonly createdAt: string
  readonly signature: string
}

const CardShape = z.strictObject({
  noydbCard: z.literal(1),
  party: Name,
  publicKey: PublicKey,
  encryptionKey: PublicKey,
  bodyFormats: BodyFormats,
  createdAt: z.iso.datetime(),
  signature: Signature,
})

/** As the text of a file. */
export async function ownCard(db: NoydbApi): Promise<string> {
  const { party, publicKey, encryptionKey, privateKey } = await loadIdentity(await openState(db))
  const bodyFormats = READ_BODY_FORMATS
  const card = {
    noydbCard: 1,
    party,
    publicKey,
    encryptionKey,
    bodyFormats,
    createdAt: new Date().toISOString(),
  }
  const signature = signText(signedText(card), privateKey)
  return `${JSON.stringify({ ...card, signature }, null, 2)}\n`
}

function signedText(card: Record<string, unknown>): string {
  return DOMAIN + canonicalJson(card)
}

/** With the fingerprint to compare. @throws LobbyError `CARD_INVALID` */
export function readCard(file: Uint8Array | string): Card & { readonly fingerprint: string } {
  const bytes = typeof file === 'string' ? Buffer.from(file, 'utf8') : file
  const parsed = CardShape.safeParse(parseOrNull(bytes))
  if (!parsed.success) throw new LobbyError('CARD_INVALID', 'This is no card, or not all of it.')
  const { signature, ...card } = parsed.data
  if (!isSignedBy(signedText(card), signature, card.publicKey))
    throw new LobbyError('CARD_INVALID', `The card of ${card.party} was altered.`)
  return { ...parsed.data, fingerprint: fingerprintOf(card.publicKey) }
}

function parseOrNull(bytes: Uint8Array): unknown {
  try {
    return parseOutsideJson(bytes, MAX_BYTES, 'card')
  } catch {
    return null // whatever is wrong with it, the answer is the same: CARD_INVALID
  }
}

/**
 * Makes the party known by its card, once a person has compared the fingerprint.
 * @throws LobbyError `CARD_INVALID`, `SENDER_KEY_CHANGED` for a party known by another key
 */
export async function acceptCard(
  db: NoydbApi,
  file: Uint8Array | string,
  options: { acceptChangedKey?: boolean } = {},
): Promise<KnownSender> {
  const card = readCard(file)
  const state = await openState(db)
  const entry = await state.senders.entry(card.party)
  const known = entry?.record ?? null
  if (known !== null && known.publicKey !== card.publicKey && options.acceptChangedKey !== true)
    throw new LobbyError('SENDER_KEY_CHANGED', `${card.party} is known by another key.`)
  const row: KnownSender = {
    ...(known ?? { firstSeen: new Date().toISOString(), lastSequence: 0, lastExchangeId: '' }),
    ...saidOf(card, known, true),
  }
  await db.transaction(
    (tx) =>
      tx.put(state.vault, state.senders.name, card.party, row, {
        expectedVersion: entry?.metadata.version ?? 0,
      }),
    { command: 'senders.acceptCard', reason: `card of ${card.party}` },
  )
  return row
}
