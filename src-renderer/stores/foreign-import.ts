/** A file of another program on its way in: how it is read, and what becomes of its columns. */
import type { FileRef } from '../../src-shared/ipc/common.ts'
import type { ForeignKind } from '../../src-shared/ipc/foreign.ts'
import { ForeignFile } from './foreign-file.svelte.ts'
import { MappingDraft } from './mapping-draft.svelte.ts'

export class ForeignImport {
  readonly file: ForeignFile
  readonly mapping: MappingDraft

  constructor(file: FileRef, kind: ForeignKind) {
    this.file = new ForeignFile(file, kind)
    this.mapping = new MappingDraft(this.file)
  }
}
