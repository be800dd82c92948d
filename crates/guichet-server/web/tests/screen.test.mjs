import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { launch, opened } from './browser.mjs';
import { begun, folder } from './server.mjs';

let browser;
let server;
before(async () => {
  browser = await launch();
  // A year as fast as it goes: tens of thousands of records in a minute.
  server = await begun('demo', '--listen', '127.0.0.1:0', '--speed', '0', '--from', '2010-01-04', '--cases', '20000', '--data', join(folder(), 'data'));
});
after(async () => {
  await browser.close();
  await server.end();
});

/** What a page holds once nothing of it is waste. */
async function held(client) {
  for (let i = 0; i < 3; i += 1) await client.send('HeapProfiler.collectGarbage');
  const { metrics } = await client.send('Performance.getMetrics');
  const of = (name) => metrics.find((metric) => metric.name === name).value;
  return { nodes: of('Nodes'), heap: of('JSHeapUsedSize'), listeners: of('JSEventListeners') };
}

test('the big screen holds no more after thousands of records than before them', { timeout: 90_000 }, async (t) => {
  const { context, page, wrong } = await opened(browser, '/screen', { lang: 'zh', base: server.base, viewport: { width: 1920, height: 1080 } });
  const client = await context.newCDPSession(page);
  await client.send('Performance.enable');
  const position = async () => (await (await fetch(`${server.base}/api/v1/overview`)).json()).at;
  await page.locator('.events li').nth(3).waitFor();
  await page.waitForTimeout(6_000);
  const [begin, middle] = [await position(), await held(client)];
  await page.waitForTimeout(14_000);
  const [end, over] = [await position(), await held(client)];
  t.diagnostic(`${end - begin} records: nodes ${middle.nodes} to ${over.nodes}, heap ${Math.round(middle.heap / 1024)} to ${Math.round(over.heap / 1024)} KiB, listeners ${middle.listeners} to ${over.listeners}`);
  assert.ok(end - begin > 2_000, `${end - begin} records passed`);
  // A department or a window more may be shown than before; a row a record may not.
  assert.ok(over.nodes < middle.nodes + 300, `${middle.nodes} nodes, then ${over.nodes}`);
  assert.ok(over.listeners < middle.listeners + 20, `${middle.listeners} listeners, then ${over.listeners}`);
  assert.ok(over.heap < middle.heap * 1.1 + 256 * 1024, `${middle.heap} bytes, then ${over.heap}`);
  assert.deepEqual(wrong, []);
  await context.close();
});
