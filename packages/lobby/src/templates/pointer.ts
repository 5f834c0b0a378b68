/** JSON pointers (RFC 6901), for the places of faults. */
export function pointer(...steps: readonly PropertyKey[]): string {
  return steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
