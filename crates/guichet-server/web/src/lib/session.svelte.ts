import { get, send } from './api.ts';
import type { Session } from './types.ts';

let session = $state.raw<Session | null>(null);

export async function readSession() {
  session = await get<Session>('/api/v1/session');
}

export async function signIn(token: string) {
  session = await send<Session>('POST', '/api/v1/session', { token });
}

export async function signOut() {
  await send('DELETE', '/api/v1/session');
  await readSession();
}

export const who = {
  get session() {
    return session;
  },
  may(what: string): boolean {
    return session?.may.includes(what) ?? false;
  },
};
