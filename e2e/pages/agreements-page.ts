/** Agreements of one office, by keyboard wherever a person would. */
import { join } from 'node:path'
import { expect, type Locator, type Page } from 'playwright/test'
import type { RunningConsole } from '../fixtures.ts'
import { chooseFile } from './choose-file.ts'
import { pressEnter } from './keyboard.ts'
import { slow } from './slow.ts'

export class AgreementsPage {
  readonly #console: RunningConsole
  readonly page: Page
  /** Where files that were handed over are put. */
  readonly #folder: string

  constructor(console: RunningConsole, folder: string) {
    this.#console = console
    this.page = console.page
    this.#folder = folder
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog')
  }

  async open(): Promise<void> {
    await this.page.getByRole('grid', { name: 'Clients' }).waitFor()
    await this.goTo('e')
    await expect(this.page.getByRole('grid', { name: 'Agreements' })).toBeVisible(slow)
  }

  /** Two keys in one breath, as the console wants them. */
  async goTo(screen: 'c' | 'e'): Promise<void> {
    await Promise.all([this.page.keyboard.press('g'), this.page.keyboard.press(screen)])
  }

  /** Presses a key of the screen, and waits for its dialog. */
  async ask(key: string): Promise<void> {
    await this.page.keyboard.press(key)
    await expect(this.dialog).toBeVisible(slow)
  }

  /** Saves a file of the dialog by its button, with Enter. */
  async save(button: string | RegExp): Promise<string> {
    const waiting = this.page.waitForEvent('download')
    await pressEnter(this.dialog.getByRole('button', { name: button }))
    const download = await waiting
    const file = join(this.#folder, download.suggestedFilename())
    await download.saveAs(file)
    return file
  }

  async press(button: string | RegExp): Promise<void> {
    await pressEnter(this.dialog.getByRole('button', { name: button }))
  }

  async close(): Promise<void> {
    await this.page.keyboard.press('Escape')
    // Gone, not only out of sight: while one is there, the screen's keys wait.
    await expect(this.dialog).toHaveCount(0)
  }

  /** Takes a file through the dialog of the screen; what it says stands there afterwards. */
  async bring(file: string): Promise<void> {
    await this.ask('t')
    await chooseFile(this.#console, file, () => this.press('Choose file'))
  }

  async giveKey(file: string): Promise<void> {
    await chooseFile(this.#console, file, () => this.press('Choose key file'))
  }

  /** Makes a delivery and saves both files. */
  async send(): Promise<{ delivery: string; key: string }> {
    await expect(this.page.getByRole('button', { name: /^Send/ })).toBeVisible(slow)
    await this.ask('x')
    await this.press(/^Export \d+ records?$/)
    const delivery = await this.save('Save bundle')
    const key = await this.save('Save key file')
    await this.close()
    return { delivery, key }
  }

  /** Takes a delivery up to its last step, and hands back the receipt. */
  async apply({ delivery, key }: { delivery: string; key: string }): Promise<string> {
    await this.bring(delivery)
    await this.giveKey(key)
    await this.press(/^Apply \d+ records?$/)
    const receipt = await this.save('Save receipt')
    await this.close()
    return receipt
  }

  /** An act of the other office or its receipt, whose key is known by now. */
  async take(file: string): Promise<void> {
    await this.bring(file)
    await this.press('Take it')
    await expect(this.dialog.getByText(/^Taken\./)).toBeVisible(slow)
    await this.close()
  }
}
