// What all tests of the pages need: a browser, a page that writes down what goes wrong, and where the server is.
import { chromium } from 'playwright-core';

export const BASE = process.env.GUICHET_URL ?? 'http://127.0.0.1:8640';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });

export const LOCALES = { zh: 'zh-CN', en: 'en-GB' };

/** A page in a language, with the list of what went wrong on it; `prepare` is run in it before all else. */
export async function opened(browser, path, { lang = 'zh', base = BASE, prepare, ...options } = {}) {
  const context = await browser.newContext({ locale: LOCALES[lang], viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) wrong.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrong.push(`exception: ${error.message}`));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  if (prepare) await page.addInitScript(prepare);
  await page.goto(base + path);
  await page.locator('h1').first().waitFor();
  return { context, page, wrong };
}

export async function asked(path) {
  const answer = await fetch(BASE + path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** What is read while the page comes has come: no placeholders, and no numbers on their way. */
export async function settled(page) {
  await page.waitForFunction(() => !document.querySelector('.loading'), null, { timeout: 15_000 });
  await page.waitForTimeout(300);
}
