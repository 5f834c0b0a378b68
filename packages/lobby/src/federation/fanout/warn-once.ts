/** Warnings that would repeat for every row of every execution: each text once per process, and not without end. */
const MOST = 1_000
const said = new Set<string>()

export function warnOnce(message: string): void {
  if (said.has(message) || said.size > MOST) return
  said.add(message)
  console.warn(said.size > MOST ? 'More warnings about joins are left out.' : message)
}
