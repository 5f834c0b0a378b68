// Component tests: the readable assertions, and what jsdom lacks.
import '@testing-library/jest-dom/vitest'
import { configure } from '@testing-library/svelte'

// The services behind a screen are real and the cores are shared: what is awaited comes, but not within a second.
configure({ asyncUtilTimeout: 15_000 })

class NoResize implements ResizeObserver {
  observe(): void {
    // Nothing is laid out in jsdom, so nothing is ever resized.
  }
  unobserve(): void {
    // See observe.
  }
  disconnect(): void {
    // See observe.
  }
}

if (!('ResizeObserver' in globalThis)) Object.assign(globalThis, { ResizeObserver: NoResize })
if (!('scrollIntoView' in Element.prototype)) {
  Object.assign(Element.prototype, { scrollIntoView: () => undefined })
}
