// Servers of a test's own: over a year that is over, or at work.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const GUICHET = process.env.GUICHET ?? 'guichet';

/** The morning after the demo's year, as `--now` takes it. */
export const AFTER = '2010-12-31T08:00:00Z';

/** What the tool answers. */
export const guichet = (args, input) => execFileSync(GUICHET, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'ignore'] });

/** A folder that is gone when the tests are over. */
export function folder() {
  const path = mkdtempSync(join(tmpdir(), 'guichet-'));
  process.on('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A folder with a small year that is over. */
export function year() {
  const data = join(folder(), 'data');
  guichet(['demo', '--headless', '--quiet', '--cases', '80', '--data', data]);
  return data;
}

/** A server, once it has told where it is. */
export async function begun(...args) {
  const server = spawn(GUICHET, [...args, '--lang', 'en'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const over = once(server, 'exit');
  process.on('exit', () => server.kill('SIGKILL'));
  let told = '';
  const base = await new Promise((found, failed) => {
    server.stderr.setEncoding('utf8').on('data', (text) => {
      told += text;
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(told);
      if (address) found(address[0]);
    });
    over.then(() => failed(new Error(`the server does not begin: ${told}`)));
  });
  return {
    base,
    async end() {
      server.kill('SIGTERM');
      await over;
    },
  };
}

export const serve = (data, listen, ...args) => begun('serve', '--data', data, '--listen', listen, '--now', AFTER, ...args);

/** A token of a role, for the headers of a question or to sign in with. */
export function token(data, role, ...args) {
  return JSON.parse(guichet(['token', 'create', `${role}-${process.hrtime.bigint()}`, '--role', role, '--data', data, '--json', ...args])).token;
}

/** A command that takes an application in at the window of public security. */
export const submission = (n) => ({
  id: `walk-${n}`, case: `walk-${n}`, actor: { person: 's07', role: 'clerk', window: 'w04' },
  command: { submit: { procedure: 'seal-filing', applicant: `walker-${n}`, channel: 'window', facts: { agent: false }, materials: ['business-licence', 'applicant-id', 'seal-samples'] } },
});

/** Hands a command in, and expects it to be taken. */
export async function command(base, secret, body) {
  const answer = await fetch(`${base}/api/v1/commands`, { method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.json();
}
