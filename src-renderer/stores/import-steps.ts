/** The steps of an import, in their order. */
export const bundleSteps = ['file', 'sender', 'key', 'clients', 'check', 'done'] as const
/** Of a file of another program: its columns stand in place of a sender and a key. */
export const foreignSteps = ['file', 'columns', 'check', 'done'] as const

export type Step = (typeof bundleSteps | typeof foreignSteps)[number]
