/** Records in clear: what is chosen, what leaves, and the file as the browser got it. */
import { join } from 'node:path'
import { expect, type Locator, type Page } from 'playwright/test'
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
    await this.clients.focus()
    await this.#page.keyboard.press('Home')
    for (const name of names) {
      const row = this.clients.getByRole('row', { selected: true })
      for (let tries = 0; tries < 200 && !(await row.innerText()).includes(name); tries += 1)
        await this.#page.keyboard.press('ArrowDown')
      await this.#page.keyboard.press('x')
      await expect(this.clients.getByRole('checkbox', { name: `Choose ${name}` })).toBeChecked()
    }
  }

  async format(label: RegExp): Promise<void> {
    const select = this.dialog.getByRole('combobox', { name: 'Format' })
    const option = await select.getByRole('option', { name: label }).innerText()
    await select.selectOption(option)
  }

  async allow(): Promise<void> {
    await this.dialog.getByRole('checkbox', { name: /^Allow it from now on/ }).check()
  }

  /** Presses the button of this name and waits for the file. */
  async write(button: RegExp | string): Promise<void> {
    await this.dialog.getByRole('button', { name: button }).click()
    await expect(this.dialog.getByRole('button', { name: 'Save file' })).toBeVisible(slow)
  }

  /** @returns path of the file as it was downloaded. */
  async save(folder: string, button = 'Save file'): Promise<string> {
    const download = this.#page.waitForEvent('download')
    await this.dialog.getByRole('button', { name: button }).click()
    const file = await download
    const path = join(folder, file.suggestedFilename())
    await file.saveAs(path)
    await expect(this.dialog.getByText('saved', { exact: true }).last()).toBeVisible()
    return path
  }

  async close(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Close' }).last().click()
    await expect(this.dialog).toBeHidden()
  }
}
