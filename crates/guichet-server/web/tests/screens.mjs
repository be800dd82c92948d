// Makes the pictures of docs/screens: `GUICHET=… node tests/screens.mjs`, with pngquant installed. Over the demo's whole year.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch, opened, settled } from './browser.mjs';
import { begun, command, folder, guichet, submission, token } from './server.mjs';

const OUT = new URL('../../../../docs/screens/', import.meta.url).pathname;
const DESK = { width: 1366, height: 900 };
/** When the last application of the year has come in. */
const EVENING = '2010-12-31T13:05:00Z';
const PICTURES = [
  { name: 'overview', path: '/', lang: 'zh' },
  { name: 'screen', path: '/screen', lang: 'zh', viewport: { width: 1920, height: 1080 } },
  { name: 'department', path: '/departments/provident-fund', lang: 'en', dark: true },
  { name: 'window', path: '/windows/w15', lang: 'zh' },
  { name: 'case-flow', path: '/cases/deemed-consent?view=flow', lang: 'en' },
  { name: 'case-clocks', path: '/cases/national-day-suspensions?view=clocks', lang: 'zh' },
  { name: 'supervision', path: '/supervision?severity=serious', lang: 'en', to: 'section:last-of-type' },
  { name: 'satisfaction', path: '/satisfaction', lang: 'zh', dark: true },
  { name: 'speed-up', path: '/speed-up?in=2010', lang: 'zh' },
  { name: 'process', path: '/process?procedure=company-registration&activities=12', lang: 'en', viewport: { width: 1366, height: 1240 } },
  { name: 'time', path: '/time?at=2010-08-12', lang: 'en' },
  { name: 'catalogue-item', path: '/catalogue/food-service', lang: 'zh', viewport: { width: 1080, height: 1200 } },
  { name: 'public', path: '/public', lang: 'zh', viewport: { width: 1920, height: 1080 } },
  { name: 'status', path: '/status', lang: 'zh', viewport: { width: 390, height: 844 }, asks: true },
];

const data = join(folder(), 'data');
guichet(['demo', '--headless', '--quiet', '--data', data]);
const clerk = token(data, 'clerk', '--person', 's07', '--window', 'w04');
const server = await begun('serve', '--data', data, '--listen', '127.0.0.1:0', '--visitors', 'supervisor', '--now', EVENING);
const browser = await launch();
mkdirSync(OUT, { recursive: true });
for (const { name, path, lang, dark, viewport = DESK, to, asks } of PICTURES) {
  const { context, page } = await opened(browser, path, { lang, base: server.base, viewport, colorScheme: dark ? 'dark' : 'light' });
  await settled(page);
  if (asks) {
    await command(server.base, clerk, submission('picture'));
    const receipt = await (await fetch(`${server.base}/api/v1/cases/walk-picture/receipt`, { headers: { authorization: `Bearer ${clerk}` } })).json();
    await page.locator('main input').nth(0).fill(receipt.number);
    await page.locator('main input').nth(1).fill(receipt.secret);
    await page.locator('main form button').click();
    await page.locator('main dl').waitFor();
  }
  if (to) await page.locator(to).evaluate((element) => element.scrollIntoView());
  // Charts and maps are drawn when they come into view.
  await page.waitForTimeout(1_500);
  const file = join(OUT, `${name}.png`);
  await page.screenshot({ path: file });
  execFileSync('pngquant', ['--force', '--skip-if-larger', '--strip', '--ext', '.png', '64', file]);
  await context.close();
}
await browser.close();
await server.end();
