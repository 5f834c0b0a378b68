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
}

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

/** Saves a made file where the person says; false when they cancel. */
export async function saveFile(file: FileRef): Promise<boolean> {
  const browser = browserFiles()
  if (!browser) return (await api.files.save({ handle: file.handle })).saved
  const url = URL.createObjectURL(await browser.download(file.handle))
  const link = document.createElement('a')
  link.href = url
  link.download = file.name
  link.click()
  // The download has its own reference to the bytes once it started.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
  return true
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
