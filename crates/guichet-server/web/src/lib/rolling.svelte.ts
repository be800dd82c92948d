/** Rows that roll over a screen, so many at a time. */
export function rolling<T>(rows: () => readonly T[], size: () => number, seconds: number) {
  let page = $state(0);
  $effect(() => {
    const timer = setInterval(() => page++, seconds * 1000);
    return () => clearInterval(timer);
  });
  const pages = $derived(Math.max(1, Math.ceil(rows().length / size())));
  const now = $derived(page % pages);
  return {
    get rows(): readonly T[] {
      return rows().slice(now * size(), (now + 1) * size());
    },
    get page() {
      return now + 1;
    },
    get pages() {
      return pages;
    },
  };
}
