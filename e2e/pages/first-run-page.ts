/** The page before there is a workspace. */
import { expect, type Locator, type Page } from 'playwright/test'

export class FirstRunPage {
  readonly #page: Page
  readonly passphrase: Locator
  readonly repeated: Locator
  readonly strength: Locator
  readonly create: Locator
  readonly toCode: Locator

  constructor(page: Page) {
    this.#page = page
    this.passphrase = page.getByLabel('Passphrase', { exact: true })
    this.repeated = page.getByLabel('Repeat passphrase', { exact: true })
    this.strength = page.getByRole('meter', { name: /strength/i })
    this.toCode = page.getByRole('button', { name: 'Go on to the recovery code' })
    this.create = page.getByRole('button', { name: /^Create (demo )?workspace/ })
  }

  async describe(firm: string, name: string): Promise<void> {
    await this.#page.getByRole('textbox', { name: 'Firm' }).fill(firm)
    await this.#page.getByRole('textbox', { name: 'Your name' }).fill(name)
  }

  async chooseDemo(): Promise<void> {
    await this.#page.getByRole('radio', { name: 'Demo to try out' }).check()
  }

  /** Reads the recovery code off the screen, as the person writes it down, and types the group that is asked for. */
  async keepCode(): Promise<string> {
    const code = await readCode(this.#page)
    await confirmCode(this.#page, code)
    return code
  }
}

export async function readCode(page: Page): Promise<string> {
  const groups = page.getByRole('list', { name: 'Recovery code' }).getByRole('listitem')
  await expect(groups).toHaveCount(9)
  const texts = await groups.allTextContents()
  // Each begins with its number.
  return texts.map((text) => text.trim().slice(-4)).join('-')
}

export async function confirmCode(page: Page, code: string): Promise<void> {
  const field = page.getByRole('textbox', { name: /^Type group \d from the paper$/ })
  const label = (await page.getByText(/^Type group \d from the paper$/).textContent()) ?? ''
  const asked = Number(/\d/.exec(label)?.[0])
  await field.fill(code.split('-')[asked - 1]?.toLowerCase() ?? '')
}
