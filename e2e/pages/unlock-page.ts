/** The locked console. */
import { expect, type Locator, type Page } from 'playwright/test'
import { slow } from './slow.ts'

export class UnlockPage {
  readonly #page: Page
  readonly passphrase: Locator
  readonly button: Locator

  constructor(page: Page) {
    this.#page = page
    this.passphrase = page.getByRole('textbox', { name: 'Passphrase' })
    this.button = page.getByRole('button', { name: 'Unlock' })
  }

  async try(passphrase: string): Promise<void> {
    await this.passphrase.fill(passphrase)
    await this.passphrase.press('Enter')
  }

  async unlock(passphrase: string): Promise<void> {
    await this.try(passphrase)
    await expect(this.#page.getByRole('navigation', { name: 'Main' })).toBeVisible(slow)
  }
}
