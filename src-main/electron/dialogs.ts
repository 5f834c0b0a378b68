/** Native file dialogs; null when the person cancels. */
import { dialog, shell, type FileFilter } from 'electron'
import type { FilePurpose } from '../../src-shared/ipc/system.ts'

const filters: Readonly<Record<FilePurpose, FileFilter[]>> = {
  bundle: [{ name: 'Bundles', extensions: ['noydb'] }],
  keys: [{ name: 'Key files', extensions: ['json'] }],
  import: [
    {
      name: 'Bundles and files of other programs',
      extensions: [
        'noydb',
        'csv',
        'tsv',
        'txt',
        'xlsx',
        'db',
        'sqlite',
        'sqlite3',
        'jsonl',
        'ndjson',
        'xml',
        'ofx',
        'qfx',
      ],
    },
  ],
  template: [{ name: 'Templates', extensions: ['json'] }],
  receipt: [{ name: 'Receipts', extensions: ['json'] }],
  agreement: [{ name: 'Files of agreements', extensions: ['json', 'noydb'] }],
}

export async function chooseFile(purpose: FilePurpose): Promise<string | null> {
  const all = { name: 'All files', extensions: ['*'] }
  const answer = await dialog.showOpenDialog({
    properties: ['openFile'],
    filters: [...filters[purpose], all],
  })
  return answer.canceled ? null : (answer.filePaths[0] ?? null)
}

export async function saveFile(suggestedName: string): Promise<string | null> {
  const answer = await dialog.showSaveDialog({ defaultPath: suggestedName })
  return answer.canceled ? null : answer.filePath
}

export function revealFile(path: string): void {
  shell.showItemInFolder(path)
}
