/** What a host hands over when it makes the console. */
import type { KdfParameters } from '@noy-db/hub'
import type { SqliteStoreOptions } from '@noy-db/to-sqlite'
import type { EventMap, EventName } from '../../src-shared/ipc/events.ts'
import type { FilePurpose } from '../../src-shared/ipc/system.ts'

export type Emit = <Name extends EventName>(name: Name, payload: EventMap[Name]) => void

export interface ConsoleOptions {
  /** Absolute path of the workspace file. */
  readonly file: string
  readonly host: 'electron' | 'loopback'
  /** Folder with `templates/`. */
  readonly resourcesDir: string
  readonly emit: Emit
  /** The entry of the thread that runs expressions of templates, when bundled. */
  readonly expressionEntry?: string | undefined
  /** The entry of the host that reads foreign databases, when bundled. */
  readonly foreignEntry?: string | undefined
  /** The entry of the thread that writes workbooks, when bundled. */
  readonly workbookEntry?: string | undefined
  /** The storage host's entry when bundled. */
  readonly storageEntry?: string | undefined
  readonly storageHost?: 'worker' | 'process' | undefined
  /** The Node that runs the storage host as a process. */
  readonly storageExecPath?: string | undefined
  /** Native dialogs; a host without them uploads and downloads instead. Null = the person cancelled. */
  readonly chooseFile?: ((purpose: FilePurpose) => Promise<string | null>) | undefined
  readonly saveFile?: ((suggestedName: string) => Promise<string | null>) | undefined
  /** Shows a file in its folder. */
  readonly revealFile?: ((path: string) => void) | undefined
  /** Cheaper key derivation. For tests only: both hosts leave it out. */
  readonly kdf?: KdfParameters | undefined
  /** Faults of the storage, for tests: a disk that fills up. Both hosts leave it out. */
  readonly storageFaults?: SqliteStoreOptions['faults']
  /** Whether what is due is done while the workspace is open; default true. A command does one thing and ends. */
  readonly background?: boolean | undefined
  /** Milliseconds since the epoch, for tests of time. */
  readonly clock?: (() => number) | undefined
}
