import type { Component } from 'svelte';

// Pages without an ID take nothing.
type Page = Component<any>;

export interface Route {
  /** Where a page is; what stands for `ID` is handed to it. */
  path: string;
  /** The message that names it. */
  title: string;
  /** The files of words that it uses, besides the common ones. */
  words: readonly string[];
  load: () => Promise<{ default: Page }>;
  /** Shown without the bar: screens in a hall. */
  bare?: true;
  /** Shows what goes on, and so follows the stream. */
  live?: true;
}

export const routes: readonly Route[] = [
  { path: '/', title: 'page-overview', words: ['centre'], load: () => import('./pages/Overview.svelte'), live: true },
  { path: '/screen', title: 'page-screen', words: ['centre'], load: () => import('./pages/Screen.svelte'), bare: true, live: true },
  { path: '/departments', title: 'page-departments', words: ['centre'], load: () => import('./pages/Departments.svelte'), live: true },
  { path: '/departments/ID', title: 'page-departments', words: ['centre'], load: () => import('./pages/Department.svelte'), live: true },
  { path: '/windows', title: 'page-windows', words: ['centre'], load: () => import('./pages/Windows.svelte'), live: true },
  { path: '/windows/ID', title: 'page-windows', words: ['centre'], load: () => import('./pages/Window.svelte'), live: true },
  { path: '/items', title: 'page-items', words: ['figures'], load: () => import('./pages/Items.svelte'), live: true },
  { path: '/items/ID', title: 'page-items', words: ['figures', 'centre'], load: () => import('./pages/Item.svelte'), live: true },
  { path: '/cases', title: 'page-cases', words: ['case'], load: () => import('./pages/Cases.svelte'), live: true },
  { path: '/cases/ID', title: 'page-cases', words: ['case'], load: () => import('./pages/Case.svelte'), live: true },
  { path: '/supervision', title: 'page-supervision', words: ['watching', 'centre'], load: () => import('./pages/Supervision.svelte'), live: true },
  { path: '/satisfaction', title: 'page-satisfaction', words: ['figures'], load: () => import('./pages/Satisfaction.svelte'), live: true },
  { path: '/speed-up', title: 'page-speed-up', words: ['figures'], load: () => import('./pages/SpeedUp.svelte'), live: true },
  { path: '/process', title: 'page-process', words: ['analysis', 'case'], load: () => import('./pages/Process.svelte'), live: true },
  { path: '/catalogue', title: 'page-catalogue', words: ['guide'], load: () => import('./pages/Catalogue.svelte') },
  { path: '/catalogue/ID', title: 'page-catalogue', words: ['guide'], load: () => import('./pages/CatalogueItem.svelte') },
  { path: '/time', title: 'page-time', words: ['time', 'centre'], load: () => import('./pages/Time.svelte'), live: true },
  { path: '/public', title: 'page-public', words: ['public'], load: () => import('./pages/Public.svelte'), bare: true },
  { path: '/status', title: 'page-status', words: ['public', 'case'], load: () => import('./pages/Status.svelte') },
  { path: '/system', title: 'page-system', words: ['centre'], load: () => import('./pages/System.svelte'), live: true },
  { path: '/sign-in', title: 'page-sign-in', words: ['centre'], load: () => import('./pages/SignIn.svelte') },
];

/** The page at a path, and what stands for its `ID`. */
export function routeOf(path: string): { route: Route; id: string } | null {
  const parts = path.replace(/\/+$/, '').split('/');
  for (const route of routes) {
    const wanted = route.path === '/' ? [''] : route.path.split('/');
    if (wanted.length !== parts.length) continue;
    if (wanted.every((part, i) => part === 'ID' || part === parts[i])) {
      const at = wanted.indexOf('ID');
      return { route, id: at < 0 ? '' : decodeURIComponent(parts[at]) };
    }
  }
  return null;
}
