/**
 * Runs somebody else's handler so that its failure does not become ours: the write it hears of has happened.
 * A handler may be asynchronous although nobody waits for it; then its failure comes later and is still not ours.
 */
export function isolate(what: string, handler: () => unknown): void {
  try {
    const late = handler()
    if (late instanceof Promise) late.catch((error: unknown) => warnFailed(what, error))
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
