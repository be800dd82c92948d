import { untrack } from 'svelte';
import { get } from './api.ts';
import { live } from './live.svelte.ts';
import { Reading } from './reading.svelte.ts';
import { spoken } from './words.svelte.ts';

const REREAD_MILLIS = 2_000;

/** A reading that can be asked for again. */
export type Resource<T> = Readonly<Pick<Reading<T>, 'data' | 'problem' | 'loading' | 'stale'>> & { reload(): void };

/**
 * Reads an address, and again when the address changes. With `live`, again when the centre moved: every two seconds at most,
 * and only while somebody can see it. `null` reads nothing.
 */
export function resource<T>(path: () => string | null, options: { live?: boolean | (() => boolean) } = {}): Resource<T> {
  const reading = new Reading<T>();
  reading.loading = true;
  const follows = () => (typeof options.live === 'function' ? options.live() : options.live === true);
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
    await reading.take(get<T>(href, undefined, mine.signal), () => !mine.signal.aborted);
    if (mine.signal.aborted) return;
    running = null;
    reading.loading = false;
  }

  $effect(() => {
    const href = path();
    // Problems and some answers are worded by the server.
    void spoken.language;
    const changed = href?.split('?')[0] !== asked?.split('?')[0];
    asked = href;
    untrack(() => {
      clearTimeout(timer);
      if (href === null || changed) reading.forget();
      if (href === null) {
        running?.abort();
        reading.loading = false;
        return;
      }
      reading.loading = true;
      void read(href);
    });
  });

  const reread = () => {
    clearTimeout(timer);
    if (!asked || document.hidden || running || live.at === readPosition || !follows()) return;
    const wait = Math.max(0, readAt + REREAD_MILLIS - Date.now());
    timer = setTimeout(() => {
      if (asked && !document.hidden && !running && follows()) void read(asked);
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

  $effect(() => () => {
    clearTimeout(timer);
    running?.abort();
  });

  return Object.assign(reading, {
    reload() {
      if (asked) void read(asked);
    },
  });
}
