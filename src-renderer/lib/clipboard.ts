/** Secrets in the clipboard: they stay as long as a person needs to paste them, and no longer. */

export const clipboardSeconds = 60

/** Copies a secret and empties the clipboard a minute later. @returns whether it was copied */
export async function copySecret(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    return false // the browser or the system does not allow it: the caller says so
  }
  setTimeout(() => void empty(), clipboardSeconds * 1000)
  return true
}

/** A window without focus may not write there; then the next focus does. */
async function empty(): Promise<void> {
  try {
    await navigator.clipboard.writeText('')
  } catch {
    window.addEventListener('focus', () => void empty(), { once: true })
  }
}
