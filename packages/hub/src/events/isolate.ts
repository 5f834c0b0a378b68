/** Runs somebody else's handler so that its failure does not become ours: the write it hears of has happened. */
export function isolate(what: string, handler: () => void): void {
  try {
    handler()
  } catch (error) {
    warnFailed(what, error)
  }
}

export async function isolateAsync(what: string, handler: () => void | Promise<void>): Promise<void> {
  try {
    await handler()
  } catch (error) {
    warnFailed(what, error)
  }
}

function warnFailed(what: string, error: unknown): void {
  console.warn(`${what} failed:`, error)
}
