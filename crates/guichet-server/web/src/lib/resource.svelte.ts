import { untrack } from 'svelte';
import { Problem, get } from './api.ts';
import { live } from './live.svelte.ts';
import { spoken } from './words.svelte.ts';

const REREAD_MILLIS = 2_000;

export interface Resource<T> {
  readonly data: T | null;
  readonly problem: Problem | null;
  readonly loading: boolean;
  /** Whether the last reading failed, so that what is shown is older than it should be. */
  readonly stale: boolean;
  reload(): void;
}

/**
 * Reads an address, and again when the address changes. With `live`, again when the centre moved: every two seconds at most,
 * and only while somebody can see it. `null` reads nothing.
 */
export function resource<T>(path: () => string | null, options: { live?: boolean } = {}): Resource<T> {
  let data = $state.raw<T | null>(null);
  let problem = $state.raw<Problem | null>(null);
  let loading = $state(true);
  let asked: string | null = null;
  let running: AbortController | null = null;
  let readAt = 0;
  let readPosition: number | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function read(href: string) {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    readAt = Date.now();
    readPosition = untrack(() => live.at);
    try {
      const answer = await get<T>(href, undefined, mine.signal);
      if (mine.signal.aborted) return;
      data = answer;
      problem = null;
    } catch (cause) {
      if (mine.signal.aborted) return;
      problem = cause instanceof Problem ? cause : new Problem(0, { code: 'unreadable', title: String(cause) });
    }
    running = null;
    loading = false;
  }

  $effect(() => {
    const href = path();
    // Problems and some answers are worded by the server.
    void spoken.language;
    const changed = href?.split('?')[0] !== asked?.split('?')[0];
    asked = href;
    untrack(() => {
      clearTimeout(timer);
      if (href === null) {
        running?.abort();
        data = null;
        problem = null;
        loading = false;
        return;
      }
      if (changed) {
        data = null;
        problem = null;
      }
      loading = true;
      void read(href);
    });
  });

  if (options.live) {
    const reread = () => {
      clearTimeout(timer);
      if (!asked || document.hidden || running || live.at === readPosition) return;
      const wait = Math.max(0, readAt + REREAD_MILLIS - Date.now());
      timer = setTimeout(() => {
        if (asked && !document.hidden && !running) void read(asked);
      }, wait);
    };
    $effect(() => {
      void live.at;
      untrack(reread);
    });
    $effect(() => {
      document.addEventListener('visibilitychange', reread);
      return () => document.removeEventListener('visibilitychange', reread);
    });
  }

  $effect(() => () => {
    clearTimeout(timer);
    running?.abort();
  });

  return {
    get data() {
      return data;
    },
    get problem() {
      return problem;
    },
    get loading() {
      return loading;
    },
    get stale() {
      return problem !== null && data !== null;
    },
    reload() {
      if (asked) void read(asked);
    },
  };
}
