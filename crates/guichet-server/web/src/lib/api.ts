import { languageNow } from './language.ts';

/** What the server says when it says no: RFC 9457. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string | null;
  readonly help: string | null;

  constructor(status: number, body: { code?: string; title?: string; detail?: string; help?: string }) {
    super(body.title ?? `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? 'unknown';
    this.title = body.title ?? `HTTP ${status}`;
    this.detail = body.detail ?? null;
    this.help = body.help ?? null;
  }
}

export const problemOf = (cause: unknown): Problem => (cause instanceof Problem ? cause : new Problem(0, { code: 'unreadable', title: String(cause) }));

export type Params = Record<string, string | number | boolean | null | undefined | readonly string[]>;

/** A path with its parameters; empty ones are left out, and lists are joined with commas. */
export function withParams(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value === null || value === undefined || value === '') continue;
    const text = Array.isArray(value) ? value.join(',') : String(value);
    if (text !== '') query.set(key, text);
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

async function answered(response: Response): Promise<unknown> {
  const text = await response.text();
  let body: unknown = null;
  try {
    body = text ? JSON.parse(text) : null;
  } catch {
    body = { title: text.slice(0, 200) };
  }
  if (!response.ok) throw new Problem(response.status, (body ?? {}) as object);
  return body;
}

async function ask(path: string, init: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, {
      ...init,
      credentials: 'same-origin',
      headers: { accept: 'application/json', 'accept-language': languageNow(), ...init.headers },
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new Problem(0, { code: 'unreachable' });
  }
  return answered(response);
}

export async function get<T>(path: string, params?: Params, signal?: AbortSignal): Promise<T> {
  return (await ask(withParams(path, params), { signal })) as T;
}

export async function send<T>(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
  return (await ask(path, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  })) as T;
}
