/** For what derives keys or works through a whole bundle, on a machine that is shared with other tests. */
export const slow = { timeout: 60_000 } as const
