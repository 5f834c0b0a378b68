/** What must hold for every screen, in both themes and at both sizes. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, type Page } from 'playwright/test'
import { sizes, takePicture, themes } from './pictures.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeGlobal {
  readonly axe: {
    run(): Promise<{
      violations: { id: string; impact: string | null; help: string; nodes: { html: string }[] }[]
    }>
  }
}

/** Looks at the screen that is shown now; what is wrong is collected, so that one walk tells all. */
export async function look(page: Page, screen: string): Promise<void> {
  const wrong: string[] = []
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    for (const size of sizes) {
      await page.setViewportSize(size)
      await page.evaluate(settled)
      const found = [...(await sideways(page)), ...(await barriers(page))]
      wrong.push(...found.map((problem) => `${theme}, ${size.width} wide: ${problem}`))
      await takePicture(page, screen, theme, size.width)
    }
  }
  expect.soft(wrong, `the screen ${screen}`).toEqual([])
}

/**
 * Runs in the page: the theme and the size have arrived, and what moves from one colour to the other is there. A transition
 * of no length still holds its first colour until a frame was drawn, which a busy machine does late.
 */
async function settled(): Promise<void> {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame)
  await Promise.allSettled(document.getAnimations().map(({ finished }) => finished))
}

/** The page and its parts that would need a sideways scroll bar; tables may have their own. */
async function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const parts = [document.documentElement, document.body, ...document.querySelectorAll('main, nav, footer')]
    return parts
      .filter((part) => part.scrollWidth > part.clientWidth)
      .map((part) => `${part.tagName} scrolls sideways, ${part.scrollWidth} in ${part.clientWidth}`)
  })
}

/** Serious and critical findings of axe. Its source is evaluated by the test, past the page's own content policy. */
async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axeSource)
  const { violations } = await page.evaluate(() => (globalThis as unknown as AxeGlobal).axe.run())
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, help, nodes }) => `${id}: ${help}; ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
    )
}
