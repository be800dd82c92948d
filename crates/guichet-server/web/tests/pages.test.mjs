import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { asked, launch, opened, settled } from './browser.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** What a folder's files hold, one after another. */
const written = (folder, ending) => readdirSync(new URL(folder, import.meta.url), { recursive: true }).filter((file) => file.endsWith(ending))
  .map((file) => readFileSync(new URL(folder + file, import.meta.url), 'utf8')).join('\n');
const messages = (lang) => new Set(written(`../locales/${lang}/`, '.ftl').match(/^[a-z][\w-]*(?= =)/gm));
/** The names of messages that are no words themselves: one that is read on a page is one without words there. */
const MESSAGES = new Set([...messages('en')].filter((name) => name.includes('-')));

test('every message that the pages name has words in both languages', () => {
  const named = [...(written('../src/', '.svelte') + written('../src/', '.ts')).matchAll(/\bt\('([\w-]+)'/g)].map((found) => found[1]);
  assert.ok(named.length > 200);
  assert.deepEqual(messages('zh'), messages('en'));
  assert.deepEqual(named.filter((name) => !messages('en').has(name)), []);
});

let browser;
let paths;
before(async () => {
  browser = await launch();
  const centre = await asked('/api/v1/centre');
  const cases = await asked('/api/v1/cases?stage=open&limit=1');
  paths = [
    '/', '/screen', '/departments', `/departments/${centre.departments[0].department}`, '/windows', `/windows/${centre.windows[0].window}`,
    '/items', `/items/${centre.procedures[0].procedure}`, '/cases', `/cases/${cases.cases[0].case}`, '/supervision?severity=serious', '/satisfaction',
    '/speed-up', '/process', '/catalogue', `/catalogue/${centre.procedures[0].procedure}`, '/time', '/public', '/status', '/system', '/sign-in',
  ];
});
after(() => browser.close());

for (const lang of ['zh', 'en']) {
  for (const colorScheme of ['light', 'dark']) {
    test(`every page opens in ${lang}, ${colorScheme}, and nothing goes wrong`, { timeout: 240_000 }, async (t) => {
      for (const path of paths) {
        await t.test(path, async () => {
          const { context, page, wrong } = await opened(browser, path, { lang, colorScheme });
          try {
            await settled(page);
            assert.equal(await page.locator('html').getAttribute('lang'), lang);
            const text = await page.locator('body').innerText();
            assert.deepEqual(text.split(/[\s:：,，]+/).filter((word) => MESSAGES.has(word)), [], 'messages without words');
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(wide <= 0, `the page is ${wide} pixels too wide`);
            // The policy of the page lets no script be added, so the checker comes in through the debugger.
            await page.evaluate(readFileSync(AXE, 'utf8'));
            const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
            const told = violations.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`).slice(0, 3).join(' | ')}`);
            assert.deepEqual(told, []);
            assert.deepEqual(wrong, []);
          } finally {
            await context.close();
          }
        });
      }
    });
  }
}

test('a page fits a telephone', { timeout: 120_000 }, async (t) => {
  for (const path of paths) {
    await t.test(path, async () => {
      const { context, page } = await opened(browser, path, { lang: 'en', viewport: { width: 390, height: 844 } });
      try {
        await settled(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `the page is ${wide} pixels too wide`);
      } finally {
        await context.close();
      }
    });
  }
});
