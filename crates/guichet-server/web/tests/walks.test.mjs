import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BASE, asked, launch, opened, settled } from './browser.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test('the language changes without loading the page anew, and is kept', async () => {
  const { context, page, wrong } = await opened(browser, '/', { lang: 'zh' });
  await page.evaluate(() => (globalThis.here = true));
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  assert.equal(await page.evaluate(() => globalThis.here), true);
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.goto(`${BASE}/?lang=zh`);
  await page.getByRole('heading', { level: 1, name: '中心总览' }).waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});

test('the keyboard alone leads to the content, through the tables, and into a figure', async () => {
  const { context, page } = await opened(browser, '/', { lang: 'en' });
  await settled(page);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className.includes('skip')), true);
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  const value = page.locator('.rate .value').first();
  await value.focus();
  await page.keyboard.press('Enter');
  await page.locator('.proof:popover-open').waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.proof:popover-open').count(), 0);
  await context.close();
});

test('a moment on the time slider shows the figures of that moment', async () => {
  const { days } = await asked('/api/v1/history');
  const day = days[Math.floor(days.length / 2)];
  const at = `position:${day.position}`;
  const [board, figures] = await Promise.all([
    asked(`/api/v1/overview?at=${at}`),
    asked(`/api/v1/figures?figure=received,completed,on_time&in=${day.day.slice(0, 7)}&as_of=${at}`),
  ]);
  const { context, page, wrong } = await opened(browser, `/time?at=${at}`, { lang: 'en' });
  await page.getByTestId('time-figures').waitFor({ timeout: 20_000 });
  const shown = (await page.getByTestId('time-figures').innerText()).replaceAll(',', '').replaceAll('\n', '');
  for (const told of figures.rows[0].figures) assert.ok(shown.includes(told.value), `${told.figure} ${told.value} in ${shown}`);
  const totals = (await page.locator('.totals').innerText()).replaceAll(',', '');
  for (const n of [board.totals.received, board.totals.in_hand, board.totals.done]) assert.match(totals, new RegExp(`\\b${n}\\b`));
  // One record on, the address says so.
  await page.getByRole('button', { name: 'Next record' }).click();
  await page.waitForURL((url) => url.searchParams.get('at') === `position:${day.position + 1}`);
  // Played, it moves by itself; and it stops.
  await page.getByRole('button', { name: 'Play', exact: false }).first().click();
  await page.waitForFunction((before) => Number(document.querySelector('[data-testid=time-position]').textContent.replaceAll(',', '')) > before, day.position + 20);
  await page.getByRole('button', { name: 'Pause' }).click();
  assert.deepEqual(wrong, []);
  await context.close();
});

test('from a rate to a case, and to the explanation of its due date', async () => {
  const { context, page, wrong } = await opened(browser, '/', { lang: 'en' });
  await settled(page);
  await page.locator('.rate .value').first().click();
  await page.locator('.proof:popover-open').getByRole('link', { name: 'Cases of the numerator' }).click();
  await page.waitForURL((url) => url.pathname === '/cases' && url.searchParams.has('figure'));
  await settled(page);
  await page.locator('main table a[href^="/cases/"]').first().click();
  await page.waitForURL((url) => url.pathname.startsWith('/cases/'));
  await settled(page);
  await page.getByRole('link', { name: 'Clocks explained' }).click();
  await page.waitForURL((url) => url.searchParams.get('view') === 'clocks');
  // The explanation names the term that it counts, and its last day.
  await page.getByText(/: \d+ working days?, from \d{4}-\d{2}-\d{2}; the last day is \d{4}-\d{2}-\d{2}/).first().waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});

/** A stream that the test writes itself, in the place of the server's; the addresses that it was asked at. */
async function withStream(page, messages) {
  const asks = [];
  await page.route('**/api/v1/stream**', async (route) => {
    asks.push(route.request().url());
    const next = messages.shift();
    if (!next) return route.abort();
    await route.fulfill({ status: 200, headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }, body: next });
  });
  return asks;
}

async function message(name, changes) {
  const board = await asked('/api/v1/overview');
  const data = { from: board.at, at: board.at, now: board.now, day: board.day, lag: 0, lights: board.lights, totals: board.totals, events: [], more: 0, ...changes(board) };
  return `event: ${name}\nid: ${data.at}\ndata: ${JSON.stringify(data)}\n\n`;
}

test('what moves is seen, and a stream that is cut is taken up again', async () => {
  const first = (await message('hello', () => ({}))) + (await message('moved', (board) => ({ at: board.at + 7, totals: { ...board.totals, received: 123456 } })));
  const second = await message('hello', (board) => ({ at: board.at + 9, totals: { ...board.totals, received: 234567 } }));
  const context = await browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  await withStream(page, [first, second]);
  await page.goto(`${BASE}/`);
  await page.locator('.totals').getByText('123,456').waitFor();
  // The stream that the test wrote ends there: the page says that it is cut, and asks again from where it was.
  const again = page.waitForRequest((request) => request.url().includes('/api/v1/stream?from='));
  await page.getByText('Connection lost').first().waitFor();
  await again;
  await page.locator('.totals').getByText('234,567').waitFor({ timeout: 10_000 });
  await context.close();
});

test('a server that reads its log anew is waited for, and what is shown stays', async () => {
  const board = await asked('/api/v1/overview');
  const first = await message('hello', () => ({ totals: { ...board.totals, received: 123456 } }));
  const reading = await message('hello', () => ({ from: 0, at: 0, lag: board.at, totals: { ...board.totals, received: 0 } }));
  const read = await message('hello', () => ({ at: board.at + 1, totals: { ...board.totals, received: 234567 } }));
  const context = await browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  const asks = await withStream(page, [first, reading, read]);
  await page.goto(`${BASE}/`);
  const totals = page.locator('.totals');
  await totals.getByText('123,456').waitFor();
  while (asks.length < 2) await page.waitForTimeout(20);
  // The second stream is over when it is asked for a third one, from where the first one ended.
  await page.waitForTimeout(300);
  assert.match(await totals.innerText(), /123,456/);
  await page.getByText('Connection lost').first().waitFor();
  await totals.getByText('234,567').waitFor({ timeout: 10_000 });
  assert.ok(asks.slice(1, 3).every((url) => url.endsWith(`?from=${board.at}`)), asks.join(' '));
  await context.close();
});

test('an address without a page, and a department that is none, say so', async () => {
  const { context, page } = await opened(browser, '/nowhere', { lang: 'en' });
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await page.goto(`${BASE}/departments/nobody`);
  await page.getByText('There is no such department').waitFor();
  await context.close();
});
