import { untrack } from 'svelte';
import { Problem, get } from './api.ts';

/**
 * Reads what is wanted now, one reading at a time: while a slider is drawn, what it passed by is not asked for, and what
 * comes is shown as it comes.
 */
export function latest<T>(path: () => string | null, wait = 0) {
  let data = $state.raw<T | null>(null);
  let problem = $state.raw<Problem | null>(null);
  let loading = $state(false);
  let wanted: string | null = null;
  let running = false;
  let gone = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function run() {
    if (running) return;
    running = true;
    loading = true;
    while (wanted !== null && !gone) {
      const href = wanted;
      try {
        data = await get<T>(href);
        problem = null;
      } catch (cause) {
        problem = cause instanceof Problem ? cause : new Problem(0, { title: String(cause) });
      }
      if (wanted === href) wanted = null;
    }
    running = false;
    loading = false;
  }

  $effect(() => {
    const href = path();
    untrack(() => {
      clearTimeout(timer);
      wanted = href;
      if (href === null) return;
      if (wait) timer = setTimeout(run, wait);
      else void run();
    });
  });
  $effect(() => () => {
    gone = true;
    clearTimeout(timer);
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
      wanted = path();
      void run();
    },
  };
}
