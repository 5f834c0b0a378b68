import { href } from './href.ts'

/** Where the window is: `#/clients/<id>?tab=invoices`, kept in the address so that back, reload and links work. */
class Router {
  // The first address of the browser host carries its token, which names no screen.
  #hash = $state.raw(location.hash.startsWith('#/') ? location.hash : '')

  constructor() {
    window.addEventListener('hashchange', () => (this.#hash = location.hash))
  }

  readonly #url = $derived(new URL(this.#hash.replace(/^#/, '') || '/', 'lobby:/'))
  /** `['clients', '<id>']`, decoded. */
  readonly segments = $derived(
    this.#url.pathname
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent),
  )
  readonly query: Readonly<Record<string, string>> = $derived(Object.fromEntries(this.#url.searchParams))
  readonly screen = $derived(this.segments[0] ?? '')

  go(segments: readonly string[], query: Readonly<Record<string, string>> = {}): void {
    location.hash = href(segments, query)
    this.#hash = location.hash
  }

  /** The same, without a step to come back to. */
  replace(segments: readonly string[], query: Readonly<Record<string, string>> = {}): void {
    history.replaceState(null, '', href(segments, query))
    this.#hash = location.hash
  }
}

export const router = new Router()
