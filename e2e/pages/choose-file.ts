/** Gives the console a file through its own way in: the browser's file chooser, or the window's native dialog. */
import type { RunningConsole } from '../fixtures.ts'

/** @param ask what makes the console ask for a file, such as a click. */
export async function chooseFile(
  { page, electron }: RunningConsole,
  file: string,
  ask: () => Promise<void>,
): Promise<void> {
  if (!electron) {
    const chooser = page.waitForEvent('filechooser')
    await ask()
    await (await chooser).setFiles(file)
    return
  }
  // Nobody can press the buttons of a native dialog here; everything behind it is real.
  await electron.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] })
  }, file)
  await ask()
}
