/** The way of a file of another program in: file, columns, check, receipt. */
import { expect, type Locator, type Page } from 'playwright/test'
import type { RunningConsole } from '../fixtures.ts'
import { chooseFile } from './choose-file.ts'
import { slow } from './slow.ts'

export class ForeignWizard {
  readonly #console: RunningConsole
  readonly page: Page
  readonly rows: Locator
  readonly columns: Locator
  readonly plan: Locator
  readonly refused: Locator
  readonly failure: Locator

  constructor(console: RunningConsole) {
    this.#console = console
    this.page = console.page
    this.rows = this.page.getByRole('table', { name: /^First rows of/ })
    this.columns = this.page.getByRole('table', { name: 'Columns to fields' })
    this.plan = this.page.getByRole('table', { name: 'What would happen' })
    this.refused = this.page.getByRole('region', { name: 'Refused rows' })
    this.failure = this.page.getByRole('alert')
  }

  /** By keyboard, from any screen. */
  async choose(file: string): Promise<void> {
    await this.open()
    await chooseFile(this.#console, file, () => this.page.keyboard.press('Enter'))
  }

  async open(): Promise<void> {
    await Promise.all([this.page.keyboard.press('g'), this.page.keyboard.press('i')])
    await expect(this.page.getByRole('heading', { name: 'Imports', exact: true })).toBeVisible()
    await this.page.keyboard.press('i')
    await expect(this.page.getByRole('button', { name: 'Choose file' })).toBeVisible()
  }

  /** The key that leads on in every step. */
  async goOn(): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+Enter')
  }

  async toColumns(): Promise<void> {
    await expect(this.rows).toBeVisible(slow)
    await expect(this.page.getByRole('button', { name: 'Go on to the columns' })).toBeEnabled(slow)
    await this.goOn()
    await expect(this.columns).toBeVisible(slow)
  }

  /** Types the beginning of the client's name into the list of clients. */
  async chooseClient(name: string): Promise<void> {
    await this.page.getByRole('combobox', { name: 'Client', exact: true }).focus()
    await this.page.keyboard.type(name)
  }

  async check(): Promise<void> {
    await expect(this.page.getByRole('button', { name: /^Check \d+ rows?/ })).toBeEnabled(slow)
    await this.goOn()
    await expect(this.plan).toBeVisible(slow)
  }

  choice(label: string): Locator {
    return this.page.getByRole('combobox', { name: label, exact: true })
  }

  field(label: string): Locator {
    return this.columns.getByRole('row').filter({ has: this.page.getByRole('rowheader', { name: label }) })
  }

  async apply(words: string): Promise<void> {
    await expect(this.page.getByRole('button', { name: /^Import \d+ \w+ into / })).toBeEnabled()
    await this.goOn()
    await expect(this.page.getByRole('heading', { name: /^Imported \d+ \w+ into / })).toBeVisible(slow)
    await expect(this.page.getByText(`: ${words}.`)).toBeVisible()
  }
}
