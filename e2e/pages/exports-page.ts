/** Records in clear, by keyboard: what is chosen, what leaves, and the file as the browser got it. */
import { join } from 'node:path'
import { expect, type Locator, type Page } from 'playwright/test'
import { chooseIn, moveToRow, pressEnter, pressSpace } from './keyboard.ts'
import { slow } from './slow.ts'

export class ExportsPage {
  readonly #page: Page
  readonly dialog: Locator
  readonly clients: Locator

  constructor(page: Page) {
    this.#page = page
    this.dialog = page.getByRole('dialog')
    this.clients = page.getByRole('grid', { name: 'Clients' })
  }

  /** From the list, by keyboard alone: to each of the clients, in the order of the list, and chosen there. */
  async choose(names: readonly string[]): Promise<void> {
    for (const name of names) {
      await moveToRow(this.clients, name)
      await this.#page.keyboard.press('x')
      await expect(this.clients.getByRole('checkbox', { name: `Choose ${name}` })).toBeChecked()
    }
  }

  async format(label: RegExp): Promise<void> {
    await chooseIn(this.dialog.getByRole('combobox', { name: 'Format' }), label)
  }

  async allow(): Promise<void> {
    await pressSpace(this.dialog.getByRole('checkbox', { name: /^Allow it from now on/ }))
  }

  /** Presses the button of this name and waits for the file. */
  async write(button: RegExp | string): Promise<void> {
    await pressEnter(this.dialog.getByRole('button', { name: button }))
    await expect(this.dialog.getByRole('button', { name: 'Save file' })).toBeVisible(slow)
  }

  /** @returns path of the file as it was downloaded. */
  async save(folder: string, button = 'Save file'): Promise<string> {
    const download = this.#page.waitForEvent('download')
    await pressEnter(this.dialog.getByRole('button', { name: button }))
    const file = await download
    const path = join(folder, file.suggestedFilename())
    await file.saveAs(path)
    await expect(this.dialog.getByText('saved', { exact: true }).last()).toBeVisible()
    return path
  }

  async close(): Promise<void> {
    await pressEnter(this.dialog.getByRole('button', { name: 'Close' }).last())
    await expect(this.dialog).toBeHidden()
  }
}
