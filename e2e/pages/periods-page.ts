/** Closing and reopening periods, of one client or of many, and the exceptions that were written all the same. */
import { expect, type Locator, type Page } from 'playwright/test'
import { slow } from './slow.ts'

export class PeriodsPage {
  readonly #page: Page
  readonly many: Locator
  readonly exceptions: Locator

  constructor(page: Page) {
    this.#page = page
    this.many = page.getByRole('dialog', { name: 'Close a period' })
    this.exceptions = page.getByRole('grid', { name: 'Exceptions' })
  }

  /** Everything up to a month, for every client in the list; `words` name the month and the clients. */
  async askCloseAll(month: string): Promise<void> {
    await this.#page.keyboard.press('p')
    await this.many.getByRole('radio', { name: 'Everything up to' }).check()
    await this.many.getByLabel('Month', { exact: true }).last().fill(month)
  }

  async confirmCloseAll(words: string, reason: string): Promise<void> {
    await this.many.getByRole('textbox', { name: 'Reason' }).fill(reason)
    await this.many.getByRole('button', { name: words }).click()
    await expect(this.many).toBeHidden(slow)
  }

  /** From the page of a client. */
  async reopen(client: string, month: string, words: string, reason: string): Promise<void> {
    await this.#page.keyboard.press('p')
    const dialog = this.#page.getByRole('dialog', { name: `Periods of ${client}` })
    await expect(dialog.getByRole('list', { name: 'Closed periods' })).toBeVisible(slow)
    await dialog.getByRole('radio', { name: 'Month' }).check()
    await dialog.getByLabel('Month', { exact: true }).last().fill(month)
    const reopen = dialog.getByRole('button', { name: words })
    await expect(reopen).toBeDisabled()
    await dialog.getByRole('textbox', { name: 'Reason' }).fill(reason)
    await reopen.click()
    await expect(dialog.getByText('open again')).toBeVisible(slow)
    await dialog.getByRole('button', { name: 'Done' }).click()
  }

  async openExceptions(): Promise<void> {
    await this.#page.getByRole('link', { name: 'Activity' }).click()
    await expect(this.#page.getByRole('heading', { name: 'Activity' })).toBeVisible()
    await this.#page.keyboard.press('x')
    await expect(this.exceptions).toBeVisible(slow)
  }
}
