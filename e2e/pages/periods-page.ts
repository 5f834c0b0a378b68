/** By keyboard: closing and reopening periods, of one client or of many, and the exceptions that were written all the same. */
import { expect, type Locator, type Page } from 'playwright/test'
import { chooseAmong, pressEnter, tabTo, typeInto } from './keyboard.ts'
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
    await this.#say(this.many, 'Everything up to', month)
  }

  async confirmCloseAll(words: string, reason: string): Promise<void> {
    await typeInto(this.many.getByRole('textbox', { name: 'Reason' }), reason)
    await pressEnter(this.many.getByRole('button', { name: words }))
    await expect(this.many).toBeHidden(slow)
  }

  /** From the page of a client. */
  async reopen(client: string, month: string, words: string, reason: string): Promise<void> {
    await this.#page.keyboard.press('p')
    const dialog = this.#page.getByRole('dialog', { name: `Periods of ${client}` })
    await expect(dialog.getByRole('list', { name: 'Closed periods' })).toBeVisible(slow)
    await this.#say(dialog, 'Month', month)
    const reopen = dialog.getByRole('button', { name: words })
    await expect(reopen).toBeDisabled()
    await typeInto(dialog.getByRole('textbox', { name: 'Reason' }), reason)
    await pressEnter(reopen)
    await expect(dialog.getByText('open again')).toBeVisible(slow)
    await pressEnter(dialog.getByRole('button', { name: 'Done' }))
  }

  async openExceptions(): Promise<void> {
    await Promise.all([this.#page.keyboard.press('g'), this.#page.keyboard.press('a')])
    await expect(this.#page.getByRole('heading', { name: 'Activity' })).toBeVisible()
    await this.#page.keyboard.press('x')
    await expect(this.exceptions).toBeVisible(slow)
  }

  /** Which period; the month and the year of the field one after the other. */
  async #say(dialog: Locator, kind: string, month: string): Promise<void> {
    await chooseAmong(dialog.getByRole('radiogroup', { name: 'What is closed' }), kind)
    const field = dialog.getByLabel('Month', { exact: true }).last()
    await tabTo(field)
    await this.#page.keyboard.type(month.slice(5))
    await this.#page.keyboard.press('ArrowRight')
    await this.#page.keyboard.type(month.slice(0, 4))
    await expect(field).toHaveValue(month)
  }
}
