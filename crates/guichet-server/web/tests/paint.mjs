// Tells how soon the overview is seen over loopback with nothing cached: the browser's own paint timing, the median of five.
import { BASE, launch, LOCALES } from './browser.mjs';

const browser = await launch();
const median = (values) => Math.round(values.sort((a, b) => a - b)[Math.floor(values.length / 2)]);
const [painted, told] = [[], []];
for (let i = 0; i < 5; i += 1) {
  const context = await browser.newContext({ locale: LOCALES.zh, viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    new MutationObserver((_, watch) => {
      if (!document.querySelector('.totals .n')) return;
      watch.disconnect();
      requestAnimationFrame(() => (globalThis.figure = performance.now()));
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(`${BASE}/`);
  await page.waitForFunction(() => globalThis.figure && performance.getEntriesByName('first-contentful-paint').length);
  const [paint, figure] = await page.evaluate(() => [performance.getEntriesByName('first-contentful-paint')[0].startTime, globalThis.figure]);
  painted.push(paint);
  told.push(figure);
  await context.close();
}
await browser.close();
console.log(`web: over loopback, nothing cached: first contentful paint ${median(painted)} ms, the overview's first figure ${median(told)} ms (medians of 5)`);
