/** Light or dark: what the system prefers, until somebody chooses. */
export type Theme = 'auto' | 'light' | 'dark';

const KEPT = 'guichet.theme';
const kept = localStorage.getItem(KEPT);
let chosen = $state<Theme>(kept === 'light' || kept === 'dark' ? kept : 'auto');
const system = matchMedia('(prefers-color-scheme: dark)');
let forced = $state<'dark' | null>(null);
let dark = $state(system.matches);
system.addEventListener('change', (event) => (dark = event.matches));

function show() {
  const name = forced ?? chosen;
  if (name === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
}
show();

export function choose(next: Theme) {
  chosen = next;
  if (next === 'auto') localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, next);
  show();
}

/** A screen in a hall is dark whatever is chosen; null lets go. */
export function force(next: 'dark' | null) {
  forced = next;
  show();
}

export const theme = {
  get chosen() {
    return chosen;
  },
  get now(): 'light' | 'dark' {
    if (forced) return forced;
    return chosen === 'auto' ? (dark ? 'dark' : 'light') : chosen;
  },
};
