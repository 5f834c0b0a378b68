/** The page before there is a workspace. */
import type { Locator, Page } from 'playwright/test'

export class FirstRunPage {
  readonly #page: Page
  readonly passphrase: Locator
  readonly repeated: Locator
  readonly strength: Locator
  readonly create: Locator

  constructor(page: Page) {
    this.#page = page
    this.passphrase = page.getByLabel('Passphrase', { exact: true })
    this.repeated = page.getByLabel('Repeat passphrase', { exact: true })
    this.strength = page.getByRole('meter', { name: /strength/i })
    this.create = page.getByRole('button', { name: /^Create (demo )?workspace/ })
  }

  async describe(firm: string, name: string): Promise<void> {
    await this.#page.getByRole('textbox', { name: 'Firm' }).fill(firm)
    await this.#page.getByRole('textbox', { name: 'Your name' }).fill(name)
  }

  async chooseDemo(): Promise<void> {
    await this.#page.getByRole('radio', { name: 'Demo to try out' }).check()
  }
}
