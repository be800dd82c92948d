import { untrack } from 'svelte';
import { get } from './api.ts';
import { Reading } from './reading.svelte.ts';
import type { Resource } from './resource.svelte.ts';

/**
 * Reads what is wanted now, one reading at a time: while a slider is drawn, what it passed by is not asked for, and what
 * comes is shown as it comes.
 */
export function latest<T>(path: () => string | null, wait = 0): Resource<T> {
  const reading = new Reading<T>();
  let wanted: string | null = null;
  let gone = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function run() {
    if (reading.loading) return;
    reading.loading = true;
    while (wanted !== null && !gone) {
      const href: string = wanted;
      await reading.take(get<T>(href), () => !gone);
      if (wanted === href) wanted = null;
    }
    reading.loading = false;
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

  return Object.assign(reading, {
    reload() {
      wanted = path();
      void run();
    },
  });
}
