/** The conflict queue by keyboard alone: nothing here touches the mouse. */
import { expect, type Locator, type Page } from 'playwright/test'
import type { Choice, Pick, Side } from '../northwind/decisions.ts'
import { expectVisibleFocus } from './focus.ts'
import { chooseIn, pressEnter, pressSpace } from './keyboard.ts'
import { slow } from './slow.ts'

const digits: Readonly<Record<Side, string>> = { ours: '1', theirs: '2', base: '3' }

export interface Rule {
  /** Label of the side to take. */
  readonly take: string
  /** Label of the one field that may differ; every field where it is missing. */
  readonly only?: string
}

export class ConflictsPage {
  readonly #page: Page
  readonly list: Locator
  readonly record: Locator
  readonly changes: Locator
  readonly nothingLeft: Locator

  constructor(page: Page) {
    this.#page = page
    this.list = page.getByRole('listbox', { name: 'Conflicts' })
    this.record = page.getByRole('article')
    this.changes = this.record.getByLabel('Changes to the record')
    this.nothingLeft = page.getByRole('heading', { name: 'Nothing to decide' })
  }

  async open(): Promise<void> {
    await this.goTo()
    await expect(this.list).toBeFocused(slow)
  }

  /** Two keys in one breath, as the console wants them: the second is not held back by the answer to the first. */
  async goTo(): Promise<void> {
    await expect(this.#page.getByRole('heading', { level: 1 })).toBeVisible()
    await Promise.all([this.press('g'), this.press('x')])
    await expect(this.#page.getByRole('heading', { name: 'Conflicts', exact: true })).toBeVisible()
  }

  async press(key: string): Promise<void> {
    await this.#page.keyboard.press(key)
  }

  /** Number of the invoice under the cursor, once its versions are shown. */
  async current(): Promise<string> {
    await expect(this.record.getByRole('group', { name: 'Fields' })).toBeVisible(slow)
    return (await this.#title()) ?? ''
  }

  async expectPosition(at: number, of: number): Promise<void> {
    await expect(this.record.getByText(`${at} of ${of}`, { exact: true })).toBeVisible(slow)
  }

  async skip(): Promise<void> {
    await this.#andOn('s')
  }

  /** Decides the conflict under the cursor. The focus stays where the next decision needs it. */
  async decide(choice: Exclude<Choice, 'rule-ship-to' | 'rule-notes'>, reason?: string): Promise<void> {
    await this.pick(choice)
    if (reason !== undefined) {
      await this.press('Escape')
      await this.press('r')
      await this.#page.keyboard.type(reason)
    }
    await this.#andOn('Enter')
    await expectVisibleFocus(this.#page)
  }

  async pick(choice: Exclude<Choice, 'rule-ship-to' | 'rule-notes'>): Promise<void> {
    await this.current()
    if (choice === 'suggested') return
    if (typeof choice === 'string') {
      await this.press('Escape')
      await this.press(digits[choice])
      return
    }
    for (const pick of choice) await this.#pickField(pick)
  }

  /** Takes the last decision back; so many are open again. */
  async undo(open: number): Promise<void> {
    await this.press('u')
    await expect(this.record.getByText(new RegExp(`^\\d+ of ${open}$`))).toBeVisible(slow)
  }

  /** Narrows the queue to conflicts with this field. */
  async filterByField(label: string): Promise<void> {
    const select = this.#page.getByRole('combobox', { name: 'Field' })
    await this.press('f')
    await chooseIn(select, new RegExp(`^${label}`))
    await this.press('Escape')
    await expect(this.list).toBeFocused()
  }

  /** Decides many by one rule, and asserts first that the console announces exactly so many. */
  async decideMany({ take, only }: Rule, count: number): Promise<void> {
    await this.press('b')
    const dialog = this.#page.getByRole('dialog', { name: 'Decide many' })
    await expect(dialog.getByRole('radio', { name: 'A, as it is here' })).toBeFocused()
    const wanted = dialog.getByRole('radio', { name: take })
    await this.press('ArrowRight')
    await expect(wanted).toBeChecked()
    if (only !== undefined) {
      const field = dialog.getByRole('checkbox', { name: only })
      await pressSpace(field)
    }
    const decide = dialog.getByRole('button', { name: `Decide ${count} conflicts` })
    await expect(decide).toBeEnabled(slow)
    await pressEnter(decide)
    await expect(dialog).toBeHidden(slow)
    await expect(this.#page.getByText(`${count} conflicts decided.`)).toBeVisible()
  }

  async #pickField({ label, take }: Pick): Promise<void> {
    const row = this.record.getByRole('radiogroup', { name: label, exact: true })
    await this.#moveTo(row)
    if (typeof take === 'string') {
      await this.press(digits[take])
      await expect(row.getByRole('radio', { checked: true })).toHaveAccessibleName(sideName(label, take))
      return
    }
    await this.press('e')
    await expect(this.record.getByLabel(`${label}: own value`)).toBeFocused()
    await this.press('ControlOrMeta+a')
    await this.#page.keyboard.type(take.typed)
    await this.press('Enter')
    await expect(row.getByText('own value')).toBeVisible()
  }

  /** From the list into the fields, and down or up to this one. */
  async #moveTo(row: Locator): Promise<void> {
    if (!(await this.#isInFields())) await this.press('ArrowRight')
    await expect.poll(() => this.#isInFields()).toBe(true)
    for (const key of ['ArrowDown', 'ArrowUp']) {
      for (let tries = 0; tries < 6 && !(await holdsFocus(row)); tries += 1) await this.press(key)
    }
    expect(await holdsFocus(row), 'the field has the focus').toBe(true)
  }

  async #isInFields(): Promise<boolean> {
    return holdsFocus(this.record.getByRole('group', { name: 'Fields' }))
  }

  /** Presses a key that moves on to another conflict, or empties the queue. */
  async #andOn(key: string): Promise<void> {
    const before = await this.current()
    await this.press(key)
    await expect.poll(() => this.#title(), slow).not.toBe(before)
  }

  async #title(): Promise<string | null> {
    const name = await this.record.evaluateAll((nodes) => nodes[0]?.getAttribute('aria-label') ?? null)
    return name?.replace(/^Invoice /, '') ?? null
  }
}

function holdsFocus(locator: Locator): Promise<boolean> {
  return locator.evaluate((node) => node.contains(document.activeElement))
}

function sideName(label: string, side: Side): RegExp {
  const letters: Readonly<Record<Side, string>> = { ours: 'A', theirs: 'B', base: 'Base' }
  return new RegExp(`^${label}: ${letters[side]} `)
}
