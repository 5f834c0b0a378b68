/** Pictures of every screen for `docs/screens`, written only with LOBBY_SCREENS=1, and the sheets made of them. */
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright/test'

const folder = resolve(import.meta.dirname, '../../docs/screens')
export const themes = ['light', 'dark'] as const
export const sizes = [
  { width: 1280, height: 800 },
  { width: 900, height: 700 },
] as const

export type Theme = (typeof themes)[number]

export const wanted = process.env['LOBBY_SCREENS'] === '1'

function fileOf(screen: string, theme: Theme, width: number): string {
  return join(folder, `${screen}-${theme}-${width}.png`)
}

export async function takePicture(page: Page, screen: string, theme: Theme, width: number): Promise<void> {
  if (!wanted) return
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: fileOf(screen, theme, width), animations: 'disabled', caret: 'hide' })
}

/** All pictures of one theme side by side, the wide one beside the narrow one. */
export async function composeSheet(page: Page, screens: readonly string[], theme: Theme): Promise<void> {
  if (!wanted) return
  const figures: string[] = []
  for (const screen of screens) {
    for (const { width } of sizes) {
      const data = (await readFile(fileOf(screen, theme, width))).toString('base64')
      const picture = `<img width="${width / 3}" src="data:image/png;base64,${data}" alt="">`
      figures.push(`<figure>${picture}<figcaption>${screen}, ${width} wide</figcaption></figure>`)
    }
  }
  const colours = theme === 'dark' ? 'background: #000; color: #ddd' : 'background: #fff; color: #222'
  const style = `body { margin: 24px; font: 13px sans-serif; ${colours}; display: flex; flex-wrap: wrap; gap: 20px }
    figure { margin: 0 } figcaption { margin-top: 6px } img { display: block; outline: 1px solid #8886 }`
  const sheet = await page
    .context()
    .browser()
    ?.newPage({ viewport: { width: 1560, height: 1000 } })
  if (!sheet) throw new Error('Sheets are made in the browser.')
  await sheet.setContent(`<style>${style}</style>${figures.join('')}`)
  await sheet.screenshot({ path: join(folder, `contact-sheet-${theme}.png`), fullPage: true })
  await sheet.close()
}
