/** Events carry names, not truth: a screen that hears one fetches again. Progress is the exception. */
export interface EventMap {
  'session:changed': { readonly state: 'absent' | 'locked' | 'unlocked' }
  'clients:changed': { readonly vaultIds: readonly string[] }
  'conflicts:changed': { readonly vaultIds: readonly string[] }
  'imports:changed': Record<string, never>
  'agreements:changed': Record<string, never>
  'settings:changed': Record<string, never>
  'job:progress': JobProgress
  'job:ended': { readonly jobId: string }
}

export interface JobProgress {
  readonly jobId: string
  /** The call that runs: `imports.apply`. */
  readonly call: string
  readonly done: number
  readonly total: number
  readonly label?: string
}

export type EventName = keyof EventMap
