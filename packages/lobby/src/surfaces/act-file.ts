/**
 * One signed act of one party: a small JSON file; docs/surfaces.md has it byte by byte. What is signed is the UTF-8 text
 * `noydb-surface-1\n` + canonical JSON of the file without `signature`; its SHA-256 names the act.
 */
import { z } from 'zod'
import { canonicalJson, sha256 } from '../canonical-json.ts'
import { isSignedBy, signText } from '../identity/keys.ts'
import type { StoredIdentity } from '../identity/stored.ts'
import { repeatedName } from '../json-names.ts'
import type { SurfaceActKind, SurfacePartyKey, SurfaceTerms } from './agreement-types.ts'
import { normalTerms, TermsShape } from './definition.ts'
import { Hash, Key, Name, Party, readSurfaceFile, Signature, type PartyKey } from './file-shapes.ts'
import { surfaceLimits } from './limits.ts'
import { refusal } from './refusal.ts'

const DOMAIN = 'noydb-surface-1\n'

/** The members of a signed act, as in the file. */
export interface SurfaceAct {
  readonly noydbSurface: 1
  readonly surface: string
  readonly act: SurfaceActKind
  /** From 1, per party and surface, without gaps. */
  readonly number: number
  /** Hash of this party's act before; null for the first. */
  readonly previous: string | null
  /** How many acts of the other party were known when this one was made. */
  readonly seen: number
  readonly by: Readonly<PartyKey>
  readonly to: SurfacePartyKey
  /** ISO-8601. */
  readonly at: string
  /** Version that a proposal, a renewal or a narrowing makes. */
  readonly version?: number
  /** Of propose, renew and narrow. */
  readonly terms?: SurfaceTerms
  /** Hash of the act that agree and decline answer. */
  readonly answers?: string
  /** ISO-8601, of propose and renew: no answer counts after it. */
  readonly answerBy?: string
  readonly reason?: string
  /** Base64, Ed25519. */
  readonly signature: string
}

const common = {
  noydbSurface: z.literal(1),
  surface: Name,
  number: z.int().min(1).max(surfaceLimits.surfaceActs),
  previous: Hash.nullable(),
  seen: z.int().min(0).max(surfaceLimits.surfaceActs),
  by: Party,
  to: Party.extend({ publicKey: Key.nullable() }),
  at: z.iso.datetime(),
  reason: z.string().min(1).max(surfaceLimits.surfaceReasonChars).optional(),
  signature: Signature,
}
const asking = { version: z.int().min(1), terms: TermsShape }
const answering = { answers: Hash }
const answerBy = { answerBy: z.iso.datetime().optional() }
const ActShape = z.discriminatedUnion('act', [
  z.strictObject({ ...common, act: z.enum(['propose', 'renew']), ...asking, ...answerBy }),
  z.strictObject({ ...common, act: z.literal('narrow'), ...asking }),
  z.strictObject({ ...common, act: z.enum(['agree', 'decline']), ...answering }),
  z.strictObject({ ...common, act: z.enum(['suspend', 'resume', 'withdraw']) }),
])

export type UnsignedAct = Omit<SurfaceAct, 'noydbSurface' | 'by' | 'signature'>

/** Who signs: an identity, without the key that opens what was sealed to it. */
export type Signer = Pick<StoredIdentity, 'party' | 'publicKey' | 'privateKey'>

export function signAct(act: UnsignedAct, { party, publicKey, privateKey }: Signer): SurfaceAct {
  const whole = { noydbSurface: 1 as const, ...act, by: { party, publicKey } }
  return { ...whole, signature: signText(signedText(whole), privateKey) }
}

function signedText(act: Omit<SurfaceAct, 'signature'>): string {
  return DOMAIN + canonicalJson(act)
}

/** 64 lowercase hex characters; other acts refer to it. */
export function hashAct({ signature: _signature, ...act }: SurfaceAct): string {
  return sha256(signedText(act))
}

/** Canonical JSON and a line end: one text for one act. */
export function encodeSurfaceFile(act: SurfaceAct): string {
  return `${canonicalJson(act)}\n`
}

/**
 * Whole, well formed, and signed by the key it names; whose key that is, is another question.
 * @throws LobbyError SURFACE_FILE_INVALID, SURFACE_FILE_FORGED
 */
export function decodeSurfaceFile(file: Uint8Array | string): SurfaceAct {
  const read = readSurfaceFile(file, ActShape, { what: 'file', maxBytes: surfaceLimits.surfaceFileBytes })
  // zod's optional members may be undefined to the compiler; canonical JSON leaves those out.
  const act = read as SurfaceAct
  assertNormal(act, Buffer.from(file).toString('utf8'))
  const { signature, ...rest } = act
  if (!isSignedBy(signedText(rest), signature, act.by.publicKey))
    throw refusal('SURFACE_FILE_FORGED', act.surface, act.by.party)
  return act
}

/** Terms in another order would be other terms to the eye and the same to the rules. */
function assertNormal({ terms, surface }: SurfaceAct, text: string): void {
  const repeated = repeatedName(text) !== null
  const unsorted = terms !== undefined && canonicalJson(normalTerms(terms)) !== canonicalJson(terms)
  if (repeated || unsorted) throw refusal('SURFACE_FILE_INVALID', surface)
}
