// Component tests: the readable assertions, and what jsdom lacks.
import '@testing-library/jest-dom/vitest'

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
