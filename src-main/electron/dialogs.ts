/** Native file dialogs; null when the person cancels. */
import { dialog, type FileFilter } from 'electron'

const filters: Readonly<Record<'bundle' | 'keys', FileFilter[]>> = {
  bundle: [{ name: 'Bundles', extensions: ['noydb'] }],
  keys: [{ name: 'Key files', extensions: ['json'] }],
}

export async function chooseFile(purpose: 'bundle' | 'keys'): Promise<string | null> {
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
