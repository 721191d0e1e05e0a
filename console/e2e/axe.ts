import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, type Page } from '@playwright/test'
import type { AxeResults } from 'axe-core'

declare global {
  interface Window {
    axe: { run: (context: Document, options: object) => Promise<AxeResults> }
  }
}

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Colours on their way from one theme to the other are nobody's: what moves is let come to rest. */
async function atRest(page: Page): Promise<void> {
  const moving = () =>
    page.evaluate(async () => {
      await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      const ends = (one: Animation) => one.effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY
      return document.getAnimations().filter(one => one.playState === 'running' && ends(one)).length
    })
  await expect.poll(moving).toBe(0)
}

/** Nothing that WCAG 2.2 AA forbids stands on the page. */
export async function expectAccessible(page: Page): Promise<void> {
  await atRest(page)
  // Evaluated, not added as a tag: the page's own policy allows no other scripts.
  await page.evaluate(source)
  const results = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }),
  )
  expect(
    results.violations.map(found => `${found.id}: ${found.nodes.map(node => node.html.slice(0, 160)).join(' | ')}`),
  ).toEqual([])
}
