/** In the worker, "now" is always the same instant, so that a date parsed from parts does not depend on the day it is parsed. */

const PINNED = Date.UTC(2000, 0, 1)

/** `Date.now()` keeps running: time limits are measured with it. */
export function pinTime(): void {
  const Real = Date
  globalThis.Date = new Proxy(Real, {
    construct: (target, given: readonly unknown[], newTarget) =>
      // The arguments are those of `new Date(…)`, passed on as they came.
      Reflect.construct(target, given.length === 0 ? [PINNED] : given, newTarget) as Date,
  })
}
