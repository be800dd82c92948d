import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import { get } from './api.ts';
import { keepLanguage, languageNow, type Language } from './language.ts';

/** What the codes of answers are called, in the language of the pages. */
export interface Codes {
  [group: string]: Record<string, string> | Record<string, FigureWords> | string | number;
}

export interface FigureWords {
  name: string;
  means: string;
  unit: string;
}

export interface Names {
  zh?: string;
  en?: string;
}

export interface Centre {
  name: Names | null;
  zone: string;
  today: string;
  now: string;
  guichet: string;
  demo: { seed: number; minutes_a_day: number; says: Names } | null;
  departments: { department: string; name: Names; opinion_only: boolean }[];
  windows: { window: string; name: Names; form: string; department: string | null }[];
  procedures: {
    procedure: string;
    procedure_version: number;
    name: Names;
    department: string;
    kind: string;
    materials?: number;
    promised: string | null;
    statutory: string | null;
  }[];
}

const files = import.meta.glob<string>('../../locales/*/*.ftl', { query: '?raw', import: 'default' });

let language = $state<Language>(languageNow());
let bundle = $state.raw<FluentBundle>(new FluentBundle('zh'));
let codes = $state.raw<Codes>({});
let centre = $state.raw<Centre | null>(null);
const wanted = new Set<string>(['common']);
const bundles: Record<Language, FluentBundle> = { zh: new FluentBundle('zh', { useIsolating: false }), en: new FluentBundle('en', { useIsolating: false }) };
const loaded = new Set<string>();

async function load(into: Language, name: string) {
  const file = `../../locales/${into}/${name}.ftl`;
  if (loaded.has(file) || !files[file]) return;
  loaded.add(file);
  bundles[into].addResource(new FluentResource(await files[file]()));
}

/** Loads the words of a page, before it is shown. */
export async function need(names: readonly string[]) {
  for (const name of names) wanted.add(name);
  await Promise.all([...wanted].map((name) => load(language, name)));
  bundle = bundles[language];
}

/** Loads the codes' names and the centre's. Both are public, so that they come before anybody has signed in. */
export async function loadNames() {
  const asked = language;
  const [read, shown] = await Promise.all([
    get<Codes>('/api/v1/words', { lang: asked }),
    centre ? Promise.resolve(centre) : get<Centre>('/api/v1/centre'),
  ]);
  if (asked === language) codes = read;
  centre = shown;
}

export async function speak(next: Language) {
  if (next === language) return;
  keepLanguage(next);
  await Promise.all([...wanted].map((name) => load(next, name)));
  const read = await get<Codes>('/api/v1/words', { lang: next }).catch(() => codes);
  language = next;
  codes = read;
  bundle = bundles[next];
  document.documentElement.lang = next;
}

/** A message of the pages. One that is missing shows its own name: a test looks for that. */
export function t(id: string, args?: Record<string, FluentVariable>): string {
  const message = bundle.getMessage(id);
  return message?.value ? bundle.formatPattern(message.value, args) : id;
}

/** A word as it begins a line: the pages show codes and figures as labels. */
const begun = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** What a code is called, where a word is known. */
export function knownCode(group: string, value: string): string | null {
  const word = (codes[group] as Record<string, string> | undefined)?.[value];
  return word === undefined ? null : begun(word);
}

/** What a code is called; the code itself where no word is known. */
export function code(group: string, value: string | null | undefined): string {
  return value === null || value === undefined ? '' : (knownCode(group, value) ?? value);
}

/** What a role is called: those who only look on have no code of the centre's own. */
export function roleName(role: string): string {
  return role === 'public' || role === 'dashboard' ? t(`role-${role}`) : code('roles', role);
}

export function figureWords(figure: string): FigureWords {
  const names = codes.figures as Record<string, FigureWords> | undefined;
  const words = names?.[figure];
  return words ? { ...words, name: begun(words.name) } : { name: figure, means: '', unit: 'count' };
}

/** One of two names, in the language of the pages. */
export function named(names: Names | null | undefined): string {
  return names?.[language] ?? names?.zh ?? names?.en ?? '';
}

const found = <T>(list: T[] | undefined, is: (one: T) => boolean) => list?.find(is);

export function department(id: string | null | undefined): string {
  if (!id) return '';
  return named(found(centre?.departments, (one) => one.department === id)?.name) || id;
}

export function windowName(id: string | null | undefined): string {
  if (!id) return '';
  return named(found(centre?.windows, (one) => one.window === id)?.name) || id;
}

export function procedure(id: string | null | undefined): string {
  if (!id) return '';
  return named(found(centre?.procedures, (one) => one.procedure === id)?.name) || id;
}

const TERMS: Record<string, string> = { wd: 'working-days', cd: 'days', w: 'weeks', mo: 'months', wh: 'working-hours' };

/** A length of time as the rule book writes it: 10wd, 60cd, 8w, 2mo, 4wh. */
export function term(text: string | null | undefined): string {
  const match = /^(\d+)(wd|cd|w|mo|wh)$/.exec(text ?? '');
  if (!match) return text ?? '';
  const n = Number(match[1]);
  return n === 0 ? t('term-at-once') : t(`term-${TERMS[match[2]]}`, { n });
}

export const spoken = {
  get language() {
    return language;
  },
  get centre() {
    return centre;
  },
  get codes() {
    return codes;
  },
};
