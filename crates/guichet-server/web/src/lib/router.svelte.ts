/** The address of the page, over the history API: no hash, so that every address can be sent to somebody. */
let path = $state(location.pathname);
let search = $state(location.search);

function read() {
  path = location.pathname;
  search = location.search;
}

addEventListener('popstate', read);

export const address = {
  get path() {
    return path;
  },
  get query(): URLSearchParams {
    return new URLSearchParams(search);
  },
};

/** Goes to an address of this site. */
export function go(href: string, options: { replace?: boolean; keepScroll?: boolean } = {}) {
  const url = new URL(href, location.href);
  if (options.replace) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  read();
  if (!options.keepScroll) scrollTo(0, 0);
}

/** Sets parameters of the query, and leaves the others; null, undefined and '' take one away. */
export function setQuery(
  changes: Record<string, string | number | null | undefined>,
  options: { replace?: boolean } = { replace: true },
) {
  const query = new URLSearchParams(location.search);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === '') query.delete(key);
    else query.set(key, String(value));
  }
  const text = query.toString();
  go(location.pathname + (text ? `?${text}` : '') + location.hash, { ...options, keepScroll: true });
}

/** Follows links of this site without loading it anew. */
export function followLinks(event: MouseEvent) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest('a');
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (link.pathname.startsWith('/api/') || link.pathname === '/licences.txt') return;
  // An anchor on this page is the browser's own affair.
  if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
  event.preventDefault();
  go(link.href);
}
