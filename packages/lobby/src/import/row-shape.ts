/** Bodies as they arrive, brought to the receiver's shape before anything is compared. */
import { limits } from '@noy-db/hub'
import type { CollectionApi } from '@noy-db/hub'
import { SchemaValidationError } from '@noy-db/hub'
import { withMember, ABSENT } from '../interchange/record-path.ts'
import type { Body, RowFault } from './types.ts'

/**
 * A packed body always carries its storage id as `id`. Where the record here has another `id`, or none, the incoming
 * body is given the same, or the two would differ in a member nobody wrote.
 */
export function alignId(body: Body, storageId: string, ours: Body | null): Body {
  if (ours === null || body['id'] !== storageId || ours['id'] === storageId) return body
  return withMember(body, 'id', Object.hasOwn(ours, 'id') ? ours['id'] : ABSENT)
}

/** The incoming slice laid over a whole body: fields outside the slice stay as they are. */
export function overlay(whole: Body | null, slice: Body, fields: readonly string[] | undefined): Body {
  if (fields === undefined || whole === null) return slice
  return fields.reduce(
    (body, name) => withMember(body, name, Object.hasOwn(slice, name) ? slice[name] : ABSENT),
    whole,
  )
}

/** What was exchanged of a body. */
export function sliceOf(body: Body, fields: readonly string[] | undefined): Body {
  if (fields === undefined) return body
  const kept = new Set(['id', ...fields])
  return Object.fromEntries(Object.entries(body).filter(([name]) => kept.has(name)))
}

export type Shaped = { readonly body: Body; readonly fault?: RowFault }

/** The body as the receiver's schema leaves it; unchanged, with a fault, where the schema refuses it. */
export async function shapeBody(collection: CollectionApi<Body>, id: string, body: Body): Promise<Shaped> {
  const fault = outsideFault(id, body)
  if (fault !== null) return { body, fault }
  try {
    const valid = await collection.validateInput(body)
    // A validator may leave undefined members or dates; what is stored is JSON.
    return { body: valid === body ? body : (JSON.parse(JSON.stringify(valid)) as Body) }
  } catch (error) {
    if (error instanceof SchemaValidationError) return { body, fault: schemaFault(error) }
    throw error
  }
}

function schemaFault(error: SchemaValidationError): RowFault {
  const [issue] = schemaIssues(error)
  return {
    code: 'SCHEMA_VALIDATION_FAILED',
    message: issue?.message ?? error.message,
    ...(issue !== undefined && issue.path !== '' && { path: issue.path }),
  }
}

/** Standard Schema issues with dotted paths. */
export function schemaIssues(error: SchemaValidationError): { path: string; message: string }[] {
  return error.issues.map((issue) => {
    const { message, path } = (issue ?? {}) as { message?: unknown; path?: unknown } // the validator's own
    return {
      path: Array.isArray(path) ? path.map(stepText).join('.') : '',
      message: typeof message === 'string' ? message : error.message,
    }
  })
}

function stepText(step: unknown): string {
  return String(typeof step === 'object' && step !== null && 'key' in step ? step.key : step)
}

/** What the hub would refuse to store whatever the schema says. */
function outsideFault(id: string, body: Body): RowFault | null {
  if (Buffer.byteLength(id) > limits.idBytes) {
    return { code: 'VALIDATION_ERROR', message: `The id has more than ${limits.idBytes} bytes.` }
  }
  const message = nestedFault(body, limits.recordDepth)
  return message === null ? null : { code: 'VALIDATION_ERROR', message }
}

function nestedFault(value: unknown, depth: number): string | null {
  if (typeof value !== 'object' || value === null) return null
  if (depth === 0) return `The record is nested deeper than ${limits.recordDepth} levels.`
  if (Object.hasOwn(value, '__proto__')) return 'The record has a member named __proto__.'
  for (const inner of Object.values(value)) {
    const fault = nestedFault(inner, depth - 1)
    if (fault !== null) return fault
  }
  return null
}
