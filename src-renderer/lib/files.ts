/** Files in and out, the same in both hosts: the bytes never pass through the renderer's state. */
import type { FileRef } from '../../src-shared/ipc/common.ts'
import type { FilePurpose } from '../../src-shared/ipc/system.ts'
import { api } from './api.ts'
import { browserFiles } from './host.ts'

const accepts: Readonly<Record<FilePurpose, string>> = {
  bundle: '.noydb,.ndbm',
  keys: '.json,.key,.keys,.txt',
  template: '.json',
  // By content, not by name.
  import: '',
  receipt: '.json',
  agreement: '.json,.noydb',
}

/** A file, or a person who is being asked for one and may cancel. */
export type AskedFile = FileRef | Promise<FileRef | null>

/** Lets the person choose a file; null when they cancel. */
export async function chooseFile(purpose: FilePurpose): Promise<FileRef | null> {
  if (!browserFiles()) return api.files.choose({ purpose })
  const file = await pickInBrowser(accepts[purpose])
  return file && takeFile(file, purpose)
}

/** A file dropped on the window. */
export async function takeFile(file: File, purpose: FilePurpose): Promise<FileRef | null> {
  const browser = browserFiles()
  return browser ? browser.upload(file, purpose) : null
}

/** Whether files can be dropped: Electron's sandboxed page may not read paths, its dialog is the way there. */
export function canDropFiles(): boolean {
  return browserFiles() !== undefined
}

export interface Saving {
  /** False when the person cancels. */
  readonly saved: boolean
  /** Whether the file can be shown in its folder; a browser keeps where it put it to itself. */
  readonly revealable: boolean
}

/** Saves a made file where the person says. */
export async function saveFile(file: FileRef): Promise<Saving> {
  const browser = browserFiles()
  if (!browser) {
    const { saved } = await api.files.save({ handle: file.handle })
    return { saved, revealable: saved }
  }
  const url = URL.createObjectURL(await browser.download(file.handle))
  const link = document.createElement('a')
  link.href = url
  link.download = file.name
  link.click()
  // The download has its own reference to the bytes once it started.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
  return { saved: true, revealable: false }
}

function pickInBrowser(accept: string): Promise<File | null> {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = accept
  return new Promise((resolve) => {
    input.addEventListener('change', () => resolve(input.files?.[0] ?? null))
    input.addEventListener('cancel', () => resolve(null))
    input.click()
  })
}
