/** Code and message of whatever was thrown: `INTERNAL` where it has no code. */
export interface ErrorFacts {
  readonly code: string
  readonly message: string
}

export function errorFacts(error: unknown): ErrorFacts {
  const message = error instanceof Error ? error.message : String(error)
  return { code: error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL', message }
}
