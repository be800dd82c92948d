import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, opened, settled } from './browser.mjs';
import { command, serve, submission, token, year } from './server.mjs';

let browser;
let server;
let tokens;
before(async () => {
  browser = await launch();
  const data = year();
  tokens = { clerk: token(data, 'clerk', '--person', 's07', '--window', 'w04'), department_head: token(data, 'department_head', '--person', 's08'), supervisor: token(data, 'supervisor') };
  server = await serve(data, '127.0.0.1:0');
});
after(async () => {
  await browser.close();
  await server.end();
});

/** What somebody with a token is answered. */
async function answered(secret, path) {
  const answer = await fetch(server.base + path, { headers: { authorization: `Bearer ${secret}` } });
  assert.equal(answer.status, 200, path);
  return answer.json();
}

/** Every address that the navigation offers. */
const offered = (page) => page.locator('#navigation a').evaluateAll((links) => links.map((link) => link.pathname));
const PUBLIC = ['/catalogue', '/status', '/public'];
const SUMS = ['/', '/departments', '/windows', '/time', '/screen', '/items', '/speed-up', '/satisfaction', '/process', '/system'];

/** Signs in on the page that a visitor is sent to, wrongly at first. */
async function signIn(page, secret) {
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Token').fill('not-a-token');
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Token').fill(secret);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** Signs out, and finds what visitors find. */
async function signOut(page) {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL((url) => url.pathname === '/sign-in');
  assert.deepEqual(await offered(page), PUBLIC);
  await page.goto(`${server.base}/cases`);
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).waitFor();
  assert.equal(await page.locator('main table').count(), 0);
}

for (const { role, findings } of [{ role: 'clerk', findings: false }, { role: 'department_head', findings: true }]) {
  test(`signed in as ${role}, one sees the cases of one's own department and no others, and signs out`, { timeout: 60_000 }, async () => {
    const secret = tokens[role];
    const { context, page } = await opened(browser, '/sign-in', { lang: 'en', base: server.base });
    try {
      await page.goto(`${server.base}/cases?stage=any`);
      await page.getByRole('main').getByRole('link', { name: 'Sign in' }).waitFor();
      assert.deepEqual(await offered(page), PUBLIC);
      await signIn(page, secret);
      // One is back where one wanted to go.
      assert.equal(new URL(page.url()).pathname, '/cases');
      assert.deepEqual((await offered(page)).sort(), [...PUBLIC, ...SUMS, '/cases', ...(findings ? ['/supervision'] : [])].sort());

      const mine = await answered(secret, '/api/v1/cases?stage=any&limit=1');
      await page.goto(`${server.base}/cases?stage=any`);
      await page.getByText(`${mine.total.toLocaleString('en-US')} cases`, { exact: true }).waitFor();
      const all = await answered(tokens.supervisor, '/api/v1/cases?stage=any&limit=200');
      assert.ok(mine.total > 0 && mine.total < all.total, `${mine.total} of ${all.total}`);
      const departments = new Set((await page.locator('main tbody td:nth-child(4)').allInnerTexts()).map((cell) => cell.split('\n')[0]));
      assert.deepEqual([...departments], ['Public Security']);

      const others = all.cases.find((one) => one.department === 'weather' && one.window !== 'w04');
      await page.goto(`${server.base}/cases/${others.case}`);
      await page.getByRole('alert').filter({ hasText: 'no_such_case' }).waitFor();
      assert.ok(!(await page.locator('main').innerText()).includes(others.procedure));

      await page.goto(`${server.base}/supervision`);
      await settled(page);
      if (findings) {
        const found = await answered(secret, '/api/v1/findings');
        await page.getByText(`${found.total} findings as of position`, { exact: false }).waitFor();
        const severe = new Set(await page.locator('main section:last-of-type tbody td:nth-child(4)').allInnerTexts());
        assert.ok([...severe].every((department) => department === 'Public Security'), [...severe].join());
      } else await page.getByText('Findings are for supervisors').waitFor();
      await signOut(page);
    } finally {
      await context.close();
    }
  });
}

test('whoever has the number and the secret of a receipt sees where the case stands; a wrong secret is answered as a case that is none', async () => {
  await command(server.base, tokens.clerk, submission('status'));
  const { number, secret } = await answered(tokens.clerk, '/api/v1/cases/walk-status/receipt');
  const { context, page, wrong } = await opened(browser, '/status', { lang: 'en', base: server.base });
  try {
    async function ask(number, secret) {
      await page.getByLabel('Number').fill(number);
      await page.getByLabel('Secret').fill(secret);
      const answer = page.waitForResponse((response) => response.url().endsWith('/public/status'));
      await page.getByRole('button', { name: 'Show' }).click();
      return (await answer).status();
    }
    assert.equal(await ask(number.toLowerCase(), secret), 200);
    await page.getByRole('heading', { level: 2, name: 'Seal engraving filing' }).waitFor();
    const told = await page.locator('main dl').innerText();
    for (const said of ['Public Security', '2010-12-31', 'the centre']) assert.ok(told.includes(said), `${said} in ${told}`);
    assert.ok(!(await page.locator('main').innerText()).includes('walk-status'), 'the number of the case itself is not told');
    assert.deepEqual(wrong, []);

    // What is refused is said in the same words, and the case that was shown is gone.
    assert.equal(await ask(number, `${secret.slice(0, -1)}${secret.endsWith('2') ? '3' : '2'}`), 404);
    await page.getByRole('alert').waitFor();
    const refused = await page.getByRole('alert').innerText();
    assert.equal(await page.locator('main dl').count(), 0);
    await page.reload();
    assert.equal(await ask('2222-2222', secret), 404);
    await page.getByRole('alert').waitFor();
    assert.equal(await page.getByRole('alert').innerText(), refused);
  } finally {
    await context.close();
  }
});
