/** The way of a bundle in: file, sender, key, clients, check, receipt. */
import { expect, type Locator } from 'playwright/test'
import type { RunningConsole } from '../fixtures.ts'
import { chooseFile } from './choose-file.ts'
import { slow } from './slow.ts'

export interface BundleFiles {
  readonly bundle: string
  readonly keys: string
}

export class ImportWizard {
  readonly #console: RunningConsole
  /** Counts per client and outcome; the last row is the sum where there are several clients. */
  readonly plan: Locator
  readonly failure: Locator
  readonly toKey: Locator
  readonly alreadyImported: Locator

  constructor(console: RunningConsole) {
    this.#console = console
    this.plan = console.page.getByRole('table', { name: 'What would happen' })
    this.failure = console.page.getByRole('alert')
    this.toKey = console.page.getByRole('button', { name: 'Go on to the key' })
    this.alreadyImported = console.page.getByRole('status').filter({ hasText: 'This very file was imported' })
  }

  async open(): Promise<void> {
    const { page } = this.#console
    await page.getByRole('link', { name: 'Imports' }).first().click()
    await expect(page.getByRole('heading', { name: 'Imports' })).toBeVisible()
    await page.getByRole('button', { name: 'Import a file' }).first().click()
    await expect(this.#step('File')).toBeVisible()
  }

  async choose(bundle: string): Promise<void> {
    await chooseFile(this.#console, bundle, () => this.#press('Choose file'))
  }

  /** @param atKey what to do before the key is given. */
  async giveKey(keys: string, atKey?: () => Promise<void>): Promise<void> {
    await this.toKey.click()
    await atKey?.()
    await chooseFile(this.#console, keys, () => this.#press('Choose key file'))
    await expect(this.#step('Clients')).toBeVisible()
  }

  /** Says how records that differ are treated, and has everything but the write done. */
  async check(strategy: string): Promise<void> {
    await this.#console.page.getByRole('combobox', { name: 'Where records differ' }).selectOption(strategy)
    await this.#press(/^Check \d+ clients?/)
  }

  async planned(words: string): Promise<void> {
    await expect(this.plan).toBeVisible(slow)
    await expect(this.#console.page.getByText(`What would happen: ${words}.`)).toBeVisible()
  }

  /** The very file is in already, and the console says so before it writes anything. */
  async refusedAsImported(): Promise<void> {
    await expect(this.failure).toContainText('This file is already imported', slow)
    await expect(this.failure).toContainText('Nothing was changed.')
    await expect(this.plan).toBeHidden()
  }

  async apply(): Promise<void> {
    await this.#press(/^Import \d+ clients?/)
  }

  /** The receipt in words. */
  async applied(words: string): Promise<void> {
    const { page } = this.#console
    await expect(page.getByRole('heading', { name: /^Imported \d+ clients?/ })).toBeVisible(slow)
    await expect(page.getByText(`: ${words}.`)).toBeVisible()
  }

  /** All steps of an import that asks about every change. */
  async import({ bundle, keys }: BundleFiles, words: string): Promise<void> {
    await this.open()
    await this.choose(bundle)
    await this.giveKey(keys)
    await this.check('Ask about every change')
    await this.planned(words)
    await this.apply()
    await this.applied(words)
  }

  #step(name: string): Locator {
    const { page } = this.#console
    return page
      .getByRole('list', { name: 'Steps' })
      .getByRole('listitem')
      .filter({ hasText: name })
      .and(page.locator('[aria-current="step"]'))
  }

  async #press(name: string | RegExp): Promise<void> {
    await this.#console.page.getByRole('button', { name }).click()
  }
}
