/** Where the keyboard is, as a person sees it. */
import { expect, type Page } from 'playwright/test'

/** What the focus stands on, or why nobody could see it. */
async function describeFocus(page: Page): Promise<string> {
  return page.evaluate(() => {
    const at = document.activeElement
    if (!at || at === document.body) return 'nothing has the focus'
    if (!at.matches(':focus-visible')) return 'the focus is not drawn'
    // A list draws it on its current row, a hidden radio on its label.
    const drawn = at.querySelector('[role="option"][aria-selected="true"]') ?? at.closest('label') ?? at
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(drawn)
    if ((outlineStyle === 'none' || outlineWidth === '0px') && boxShadow === 'none') return 'no ring or bar'
    const box = drawn.getBoundingClientRect()
    const inside = box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth
    return box.width > 0 && inside ? 'visible' : 'the focus is off screen'
  })
}

export async function expectVisibleFocus(page: Page): Promise<void> {
  await expect.poll(() => describeFocus(page), 'keyboard focus').toBe('visible')
}
