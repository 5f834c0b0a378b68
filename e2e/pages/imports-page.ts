/** The history of imports. */
import { expect, type Locator, type Page } from 'playwright/test'
import { slow } from './slow.ts'

export class ImportsPage {
  readonly #page: Page
  readonly table: Locator

  constructor(page: Page) {
    this.#page = page
    this.table = page.getByRole('grid', { name: 'Imports' })
  }

  async open(): Promise<void> {
    await this.#page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Imports' }).click()
    await expect(this.table).toBeVisible()
  }

  /** Asks for the undo of this file's import, and waits for what it would do. */
  async askUndo(file: string): Promise<Locator> {
    await this.table.getByRole('button', { name: `Undo import of ${file}` }).click()
    const dialog = this.#page.getByRole('dialog', { name: 'Undo this import' })
    await expect(this.#confirm(dialog)).toBeEnabled(slow)
    return dialog
  }

  async confirmUndo(dialog: Locator): Promise<void> {
    await this.#confirm(dialog).click()
    await expect(dialog).toBeHidden(slow)
    await expect(this.#page.getByRole('status', { name: 'Messages' })).toContainText('Import undone')
  }

  #confirm(dialog: Locator): Locator {
    return dialog.getByRole('button', { name: /^Undo .*\d+ records?/ })
  }
}
