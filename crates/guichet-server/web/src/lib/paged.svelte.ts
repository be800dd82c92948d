import { get, withParams, type Params } from './api.ts';
import { resource, type Resource } from './resource.svelte.ts';

/** A list that is read page by page. */
export interface Paged<Page> {
  first: Resource<Page>;
  /** The pages that were read, the first one first. */
  readonly pages: readonly Page[];
  /** Whether pages after the first are shown. */
  readonly frozen: boolean;
  readonly reading: boolean;
  /** Reads the next page; null where there is none. */
  readonly more: (() => Promise<void>) | null;
  /** Lets go of the pages after the first, and follows the stream again. */
  thaw(): void;
}

/**
 * Reads a list page by page. The first page follows the stream, with `live`, until a second one is asked for: then the list
 * stays as it was, so that nothing of it is missed or seen twice. `moment` says in what a page after the first is asked of it.
 */
export function paged<Page extends { next: string | null }>(
  path: string,
  params: () => Params | null,
  options: { live?: boolean; moment?: (first: Page) => Params } = {},
): Paged<Page> {
  let further = $state.raw<readonly Page[]>([]);
  let reading = $state(false);
  const first = resource<Page>(
    () => {
      const asked = params();
      return asked && withParams(path, asked);
    },
    { live: () => options.live === true && further.length === 0 && !reading },
  );
  const pages = $derived(first.data ? [first.data, ...further] : []);
  const next = $derived(pages.at(-1)?.next ?? null);
  $effect(() => {
    // A new first page makes the pages after it old.
    void first.data;
    further = [];
  });

  async function more() {
    const begun = first.data;
    if (!begun || next === null || reading) return;
    reading = true;
    try {
      const page = await get<Page>(path, { ...params(), ...options.moment?.(begun), cursor: next });
      if (first.data === begun) further = [...further, page];
    } catch {
      // The list stays as it is, and the page can be asked for again.
    }
    reading = false;
  }

  return {
    first,
    get pages() {
      return pages;
    },
    get frozen() {
      return further.length > 0;
    },
    get reading() {
      return reading;
    },
    get more() {
      return next === null ? null : more;
    },
    thaw() {
      further = [];
      first.reload();
    },
  };
}
