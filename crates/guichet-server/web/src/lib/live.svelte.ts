import type { EventLine, Lights, Totals } from './types.ts';

/** What the stream tells: how the centre stands, and what happened since. */
export interface Told {
  from: number;
  at: number;
  now: string | null;
  day: string | null;
  lag: number;
  lights: Lights;
  totals: Totals;
  events: EventLine[];
  more: number;
}

type State = 'connecting' | 'live' | 'stale' | 'off';

const KEPT_EVENTS = 60;
const QUIET_MILLIS = 30_000;
const RETRY_MIN = 1_000;
const RETRY_MAX = 30_000;

let state = $state<State>('off');
let told = $state.raw<Told | null>(null);
let events = $state.raw<EventLine[]>([]);
let source: EventSource | null = null;
let retry: ReturnType<typeof setTimeout> | undefined;
let retryAfter = RETRY_MIN;
let heard = 0;
let watching: ReturnType<typeof setInterval> | undefined;

function hear(message: MessageEvent<string>) {
  const next = JSON.parse(message.data) as Told;
  heard = Date.now();
  retryAfter = RETRY_MIN;
  if (told && next.at < told.at) {
    // A server that has just begun reads its log anew: until it is as far as this page, what it shows is older than this.
    if (next.at + next.lag >= told.at) return;
    // Another log, which begins anew here too.
    events = [];
  }
  const known = events[0]?.position ?? -1;
  const fresh = next.events.filter((event) => event.position > known).reverse();
  if (fresh.length) events = [...fresh, ...events].slice(0, KEPT_EVENTS);
  told = next;
  state = 'live';
}

/** Tries again later, and later each time: a server that starts again is not asked by everybody at once. */
function again() {
  source?.close();
  source = null;
  if (state !== 'off') state = 'stale';
  clearTimeout(retry);
  retry = setTimeout(() => {
    retry = undefined;
    open();
  }, retryAfter * (0.75 + Math.random() / 2));
  retryAfter = Math.min(RETRY_MAX, retryAfter * 2);
}

function open() {
  source?.close();
  // What happened since the place that is known is told first, so that nothing is missed between two connections.
  source = new EventSource(told ? `/api/v1/stream?from=${told.at}` : '/api/v1/stream');
  source.addEventListener('hello', hear);
  source.addEventListener('moved', hear);
  source.addEventListener('bye', again);
  source.addEventListener('error', again);
}

/** A connection can be dead without anybody saying so: after a silence the server is asked whether it is there. */
async function look() {
  if (state !== 'live' || Date.now() - heard < QUIET_MILLIS) return;
  try {
    const answer = await fetch('/health', { signal: AbortSignal.timeout(8_000) });
    if (!answer.ok) throw new Error(answer.statusText);
    heard = Date.now();
  } catch {
    again();
  }
}

function begin() {
  if (source || retry !== undefined) return;
  if (state === 'off') state = 'connecting';
  heard = Date.now();
  open();
  watching ??= setInterval(look, QUIET_MILLIS / 2);
}

function end() {
  clearTimeout(retry);
  retry = undefined;
  clearInterval(watching);
  watching = undefined;
  source?.close();
  source = null;
}

let wanted = false;

/** The one stream of the page. Browsers allow six connections to a server, so a page that is left lets go of its own. */
export function follow() {
  wanted = true;
  begin();
}

export function unfollow() {
  wanted = false;
  end();
  state = 'off';
}

const HIDDEN_MILLIS = 60_000;
let letGo: ReturnType<typeof setTimeout> | undefined;

// Many tabs must not use up the connections that the one in front needs: one that is not looked at lets go after a while,
// and catches up when it is looked at again.
document.addEventListener('visibilitychange', () => {
  clearTimeout(letGo);
  if (document.hidden) letGo = setTimeout(end, HIDDEN_MILLIS);
  else if (wanted) begin();
});

addEventListener('pagehide', end);
addEventListener('pageshow', () => {
  if (wanted) begin();
});
addEventListener('online', () => {
  if (wanted && state === 'stale') {
    retryAfter = RETRY_MIN;
    again();
  }
});

/** What happened last, newest first: what the stream told, and before it what was read of earlier events. */
export function happened(read: readonly EventLine[]): readonly EventLine[] {
  const oldest = events.at(-1)?.position ?? Infinity;
  return [...events, ...read.filter((event) => event.position < oldest).reverse()];
}

export const live = {
  get state() {
    return state;
  },
  get told() {
    return told;
  },
  get at() {
    return told?.at ?? null;
  },
};
