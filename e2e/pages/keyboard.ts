/** Forms by keyboard alone: to a control by Tab, as a person gets there, and its own keys from then on. */
import { expect, type Locator } from 'playwright/test'
import { slow } from './slow.ts'

/** More than any screen has. */
const mostTabs = 80

/** On with Tab until the control has the focus; one that Tab does not reach fails. */
export async function tabTo(control: Locator): Promise<void> {
  await expect(control).toBeEnabled(slow)
  for (let tries = 0; tries < mostTabs && !(await hasFocus(control)); tries += 1)
    await control.page().keyboard.press('Tab')
  await expect(control).toBeFocused()
}

/** A button or a link. */
export async function pressEnter(control: Locator): Promise<void> {
  await tabTo(control)
  await control.page().keyboard.press('Enter')
}

/** A box. */
export async function pressSpace(box: Locator): Promise<void> {
  const before = await box.isChecked()
  await tabTo(box)
  await box.page().keyboard.press('Space')
  await expect(box).toBeChecked({ checked: !before })
}

/** One of a list, from its first on; `label` is its whole text, or what it says. */
export async function chooseIn(select: Locator, label: string | RegExp): Promise<void> {
  const { keyboard } = select.page()
  const chosen = select.locator('option:checked')
  await tabTo(select)
  const count = await select.locator('option').count()
  if (!matches(await said(chosen), label)) await keyboard.press('Home')
  for (let tries = 0; tries < count && !matches(await said(chosen), label); tries += 1)
    await keyboard.press('ArrowDown')
  await expect(chosen).toHaveText(label)
}

/** One of the few that stand beside each other. */
export async function chooseAmong(group: Locator, label: string): Promise<void> {
  const wanted = group.getByRole('radio', { name: label })
  await tabTo(group.getByRole('radio', { checked: true }))
  for (let tries = 0; tries < 10 && !(await wanted.isChecked()); tries += 1)
    await group.page().keyboard.press('ArrowRight')
  await expect(wanted).toBeChecked()
}

/** In a table, down to a row that says this; from the first one where it stands above. */
export async function moveToRow(table: Locator, text: string): Promise<void> {
  const { keyboard } = table.page()
  const current = table.getByRole('row', { selected: true })
  const isThere = async (): Promise<boolean> => (await said(current)).includes(text)
  await tabTo(table)
  await expect(current).toBeVisible()
  const rows = Number(await table.getAttribute('aria-rowcount'))
  for (let tries = 1; tries < rows && !(await isThere()); tries += 1) await keyboard.press('ArrowDown')
  if (!(await isThere())) await keyboard.press('Home')
  for (let tries = 1; tries < rows && !(await isThere()); tries += 1) await keyboard.press('ArrowDown')
  await expect(current).toContainText(text)
}

/** Types into a field in place of what stands there; of a day, its digits in the order of the field. */
export async function typeInto(field: Locator, text: string): Promise<void> {
  const { keyboard } = field.page()
  await tabTo(field)
  await keyboard.press('ControlOrMeta+a')
  await keyboard.type(text)
}

function hasFocus(control: Locator): Promise<boolean> {
  return control.evaluate((node) => node === document.activeElement)
}

/** Options of a closed list are not drawn, but say something. */
async function said(control: Locator): Promise<string> {
  return ((await control.textContent()) ?? '').trim()
}

function matches(text: string, label: string | RegExp): boolean {
  return typeof label === 'string' ? text === label : label.test(text)
}
