/** Shapes of agreements with other offices, as the calls take and give them. */
import { z } from 'zod'
import { body, collectionName, fieldHint, isoTime, recordId, strategy, vaultId } from './common.ts'

export const agreementId = z.string().min(1).max(512)
const fieldName = z.string().min(1).max(512)
export const reason = z.string().trim().max(1000).optional()

/** Seen from this office. */
const direction = z.enum(['send', 'receive', 'both'])
export type Direction = z.infer<typeof direction>
const side = z.enum(['ours', 'theirs'])
export type AgreementSide = z.infer<typeof side>

const actKind = z.enum(['propose', 'agree', 'decline', 'suspend', 'resume', 'narrow', 'renew', 'withdraw'])
export type ActKind = z.infer<typeof actKind>

/** Collections by name; `fields` null = the whole collection. */
export const slice = z
  .array(z.object({ name: collectionName, fields: z.array(fieldName).min(1).max(200).nullable() }).strict())
  .min(1)
  .max(64)
export type Slice = z.infer<typeof slice>

export const termsInput = z
  .object({
    slice,
    direction,
    strategy,
    /** Milliseconds between two exchanges; null = when somebody thinks of it. */
    cadenceMs: z.number().int().min(1000).nullable(),
    expiresAt: isoTime.nullable(),
  })
  .strict()
export type TermsInput = z.infer<typeof termsInput>

const named = z.object({ name: z.string(), label: z.string() })
const termsView = z.object({
  collections: z.array(named.extend({ fields: z.array(named).nullable() })),
  direction,
  strategy: z.string(),
  cadenceMs: z.number().nullable(),
  expiresAt: isoTime.nullable(),
})
export type TermsView = z.infer<typeof termsView>

const cadence = z.object({
  status: z.enum(['off', 'waiting', 'due', 'late', 'backing off']),
  dueAt: isoTime.nullable(),
  /** Whole periods that have passed since. */
  missed: z.number().int(),
  /** Why the last try by itself failed; null after it went well. */
  failure: z.string().nullable(),
})

export const agreementRow = z.object({
  id: agreementId,
  client: z.object({ vaultId, name: z.string() }).nullable(),
  party: z.string(),
  state: z.enum(['proposed', 'agreed', 'suspended', 'declined', 'withdrawn', 'expired']),
  suspendedBy: z.array(side),
  /** Whose question waits for an answer. */
  asked: side.nullable(),
  /** Until when that question waits; afterwards no new answer counts. */
  answer: z.object({ by: isoTime, isOver: z.boolean() }).nullable(),
  direction,
  /** 0 before the first countersignature. */
  version: z.number().int(),
  lastExchangeAt: isoTime.nullable(),
  cadence,
  expiresAt: isoTime.nullable(),
  /** Due, late, waiting for an answer from here, or not answered in time by the other office. */
  needsAttention: z.boolean(),
})
export type AgreementRow = z.infer<typeof agreementRow>

const partyView = z.object({
  side,
  party: z.string(),
  fingerprint: z.string().nullable(),
  isProposer: z.boolean(),
  /** When it signed what is in force, or proposed; null where it has not yet. */
  signedAt: isoTime.nullable(),
})
export type PartyView = z.infer<typeof partyView>

const actView = z.object({
  side,
  number: z.number().int(),
  kind: actKind,
  at: isoTime,
  reason: z.string().nullable(),
  hash: z.string(),
})
export type ActView = z.infer<typeof actView>

const exchangeView = z.object({
  seq: z.number().int(),
  kind: z.enum(['sent', 'received']),
  at: isoTime,
  sequence: z.number().int().nullable(),
  base: z.number().int().nullable(),
  version: z.number().int().nullable(),
  records: z.number().int(),
  gone: z.number().int(),
  excluded: z.number().int(),
  /** Of one that came in. */
  importId: z.string().nullable(),
  /** Of one that was sent: the other office's receipt says so. */
  arrived: z.boolean().nullable(),
  hash: z.string(),
})
export type ExchangeView = z.infer<typeof exchangeView>

export const agreementDetail = agreementRow.extend({
  parties: z.array(partyView),
  terms: termsView,
  /** What is asked on top of what is in force. */
  pending: z.object({ by: side, terms: termsView, answerBy: isoTime.nullable() }).nullable(),
  acts: z.array(actView),
  /** Newest first. */
  exchanges: z.array(exchangeView),
  /** What this office may do now. */
  actions: z.array(actKind),
  canSend: z.boolean(),
  canReceive: z.boolean(),
})
export type AgreementDetail = z.infer<typeof agreementDetail>

export const preview = z.object({
  /** Why nothing leaves as things are. */
  blocked: z.string().nullable(),
  base: z.number().int().nullable(),
  records: z.number().int(),
  /** Records that are not here any more since they were sent: the other office is told so. */
  gone: z.number().int(),
  /** Fields that leave, and that stay, of all collections. */
  fields: z.number().int(),
  withheld: z.number().int(),
  collections: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      records: z.number().int(),
      present: z.number().int(),
      gone: z.number().int(),
      fields: z.array(fieldHint),
      withheld: z.array(named),
      /** The first few, as they would arrive. */
      sample: z.array(z.object({ id: recordId, title: z.string(), record: body })),
    }),
  ),
})
export type AgreementPreview = z.infer<typeof preview>

export const decision = z.discriminatedUnion('kind', [
  z.object({ kind: actKind.extract(['agree', 'decline', 'suspend', 'resume', 'withdraw']), reason }).strict(),
  z.object({ kind: z.literal('narrow'), slice, reason }).strict(),
  z
    .object({
      kind: z.literal('renew'),
      expiresAt: isoTime,
      answerBy: isoTime.nullable().optional(),
      reason,
    })
    .strict(),
])
export type AgreementDecision = z.infer<typeof decision>

/** A file of the other office, as it says of itself before anything is taken. */
export const received = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('act'),
    id: agreementId,
    act: actKind,
    party: z.string(),
    fingerprint: z.string(),
    /** Nobody here has confirmed that key yet: the fingerprint is to be compared first. */
    unknownKey: z.boolean(),
    at: isoTime,
    reason: z.string().nullable(),
    /** Of a proposal or a wish to renew. */
    answerBy: isoTime.nullable(),
    outcome: z.enum(['applied', 'unchanged', 'lapsed']),
    /** Of a first proposal: which client it is about is for this office to say. */
    wantsClient: z.boolean(),
    terms: termsView,
    consequences: z.array(z.string()),
  }),
  z.object({
    kind: z.literal('receipt'),
    id: agreementId,
    party: z.string(),
    at: isoTime,
    sequence: z.number().int(),
    fullNeeded: z.boolean(),
  }),
  z.object({
    kind: z.literal('delivery'),
    id: agreementId,
    party: z.string(),
    at: isoTime,
    sequence: z.number().int(),
    base: z.number().int().nullable(),
    bytes: z.number().int(),
  }),
  z.object({ kind: z.literal('log'), id: agreementId, entries: z.number().int() }),
])
export type ReceivedFile = z.infer<typeof received>

export const refusedRow = z.object({
  collection: collectionName,
  id: recordId,
  title: z.string(),
  message: z.string(),
})
export type RefusedRecord = z.infer<typeof refusedRow>

/** Against a rule that may be overridden: left out, or taken with a reason. */
export const brokenRecord = refusedRow.extend({ outcome: z.enum(['inserted', 'updated']) })
export type BrokenRecord = z.infer<typeof brokenRecord>

export const deliveryCounts = z.object({
  inserted: z.number().int(),
  updated: z.number().int(),
  /** Nothing to do, or kept as they are here. */
  unchanged: z.number().int(),
  queued: z.number().int(),
})
export type DeliveryCounts = z.infer<typeof deliveryCounts>

export const comparison = z.object({
  agreed: z.number().int(),
  underway: z.number().int(),
  /** The first difference in words; null where both logs say the same. */
  first: z.object({ kind: z.enum(['broken', 'unknown', 'lost', 'differs']), text: z.string() }).nullable(),
})
export type LogComparisonView = z.infer<typeof comparison>
