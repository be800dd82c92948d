import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, opened, settled } from './browser.mjs';
import { AFTER, command, guichet, serve, submission, token, year } from './server.mjs';

let browser;
let data;
let clerk;
before(async () => {
  browser = await launch();
  data = year();
  clerk = token(data, 'clerk', '--person', 's07', '--window', 'w04');
});
after(() => browser.close());

/** A number as a page shows it. */
const number = async (locator) => Number((await locator.innerText()).replaceAll(',', ''));
const totals = async (page) => {
  const [received, inHand] = await Promise.all([0, 1].map((at) => number(page.locator('.totals .n').nth(at))));
  return { received, inHand };
};

test('an application that is taken in is seen by who looks on, without loading the page anew', async () => {
  const server = await serve(data, '127.0.0.1:0', '--visitors', 'supervisor');
  const { context, page, wrong } = await opened(browser, '/', { lang: 'en', base: server.base });
  try {
    await settled(page);
    await page.evaluate(() => (globalThis.here = true));
    const [stood, position] = [await totals(page), await number(page.getByTestId('position'))];
    assert.equal(await page.getByRole('link', { name: 'walk-1', exact: true }).count(), 0);
    await command(server.base, clerk, submission(1));
    const line = page.locator('li', { has: page.getByRole('link', { name: 'walk-1', exact: true }) }).first();
    await line.getByText('Public Security').waitFor();
    assert.deepEqual(await totals(page), { received: stood.received + 1, inHand: stood.inHand + 1 });
    assert.ok((await number(page.getByTestId('position'))) > position);
    // The tables are read again too: the department has one more in hand than it had.
    await page.waitForFunction((n) => [...document.querySelectorAll('table a[href="/departments/public-security"]')].some((a) => Number(a.closest('tr').querySelector('td').textContent) >= n), 1);
    assert.equal(await page.evaluate(() => globalThis.here), true);
    assert.deepEqual(wrong, []);
  } finally {
    await context.close();
    await server.end();
  }
});

/** Writes down all that the page's streams say, so that it can be asked what was missed and what came twice. */
function overhear() {
  globalThis.told = [];
  const Source = globalThis.EventSource;
  globalThis.EventSource = class extends Source {
    constructor(...args) {
      super(...args);
      for (const name of ['hello', 'moved']) this.addEventListener(name, (event) => globalThis.told.push(JSON.parse(event.data)));
    }
  };
}

test('a server that ends and begins again is taken up again by the page itself, and no record is missed or seen twice', { timeout: 60_000 }, async () => {
  const here = await serve(data, '127.0.0.1:0', '--visitors', 'supervisor');
  let server = here;
  const { context, page } = await opened(browser, '/', { lang: 'en', base: here.base, prepare: overhear });
  try {
    await settled(page);
    await page.evaluate(() => (globalThis.here = true));
    await command(server.base, clerk, submission(2));
    await page.getByRole('link', { name: 'walk-2', exact: true }).waitFor();
    const left = await number(page.getByTestId('position'));

    await server.end();
    const note = page.getByRole('status').filter({ hasText: 'The connection is lost' });
    await note.waitFor();
    assert.match(await note.innerText(), new RegExp(`position ${left.toLocaleString('en-US')}`));
    assert.match(await page.locator('header .live').innerText(), /Connection lost/);
    // What happens while nobody is served is in the log all the same.
    const away = [3, 4, 5].map((n) => JSON.stringify(submission(n))).join('\n');
    const answers = guichet(['run', '--data', data, '--now', AFTER], away).trim().split('\n').map((line) => JSON.parse(line).status);
    assert.deepEqual(answers, ['accepted', 'accepted', 'accepted']);

    server = await serve(data, new URL(here.base).host, '--visitors', 'supervisor');
    await page.getByRole('link', { name: 'walk-5', exact: true }).waitFor({ timeout: 40_000 });
    await note.waitFor({ state: 'detached' });
    await command(server.base, clerk, submission(6));
    await page.getByRole('link', { name: 'walk-6', exact: true }).waitFor();
    const end = await number(page.getByTestId('position'));
    assert.equal(await page.evaluate(() => globalThis.here), true);

    const told = await page.evaluate(() => globalThis.told);
    const positions = told.flatMap((one) => one.events.map((event) => event.position)).filter((position) => position >= left);
    assert.deepEqual(positions, Array.from({ length: end - left }, (_, i) => left + i), 'each record after the cut, once and in order');
    for (const [before, next] of told.slice(1).map((one, i) => [told[i], one])) assert.ok(next.from <= before.at, `from ${next.from} on, after ${before.at}`);
    const shown = await page.locator('[data-position]').evaluateAll((lines) => lines.map((line) => Number(line.dataset.position)));
    assert.ok(shown.length >= end - left, `${shown.length} lines`);
    assert.deepEqual(shown, Array.from({ length: shown.length }, (_, i) => end - 1 - i), 'what is listed, newest first');
  } finally {
    await context.close();
    await server.end();
  }
});
