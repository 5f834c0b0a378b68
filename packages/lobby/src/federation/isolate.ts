/** Runs somebody else's code so that its failure does not become ours: what it was told of has happened. */
export function isolate(what: string, call: () => void): void {
  try {
    call()
  } catch (error) {
    warnFailed(what, error)
  }
}

export async function isolateAsync(what: string, call: () => Promise<void>): Promise<void> {
  try {
    await call()
  } catch (error) {
    warnFailed(what, error)
  }
}

function warnFailed(what: string, error: unknown): void {
  console.warn(`${what} failed:`, error)
}
