/** Change events, write hooks and the write queue. */

export interface ChangeEvent {
  readonly vault: string
  readonly collection: string
  readonly id: string
  readonly action: 'put' | 'delete'
}

export interface WriteEvent {
  readonly op: 'create' | 'update' | 'delete'
  readonly vault: string
  readonly collection: string
  readonly docId: string
  readonly before: unknown
  readonly after: unknown
  readonly baseVersion: number
  readonly version: number
  readonly userId: string
  readonly timestamp: number
  readonly txId: string
}

export type WriteHook = (event: WriteEvent) => void | Promise<void>
export type Unsubscribe = () => void

export interface WriteConflict {
  readonly vault: string
  readonly collection: string
  readonly docId: string
  readonly local: unknown
  readonly remote: unknown
  readonly base: unknown
  readonly localVersion: number
  readonly remoteVersion: number
  readonly baseVersion: number
}

export interface NoydbEventMap {
  change: ChangeEvent
  'write:conflict': WriteConflict
}

export interface WriteQueue {
  readonly pending: boolean
  readonly depth: number
  onChange(handler: () => void): () => void
  onFlush(): Promise<void>
}
