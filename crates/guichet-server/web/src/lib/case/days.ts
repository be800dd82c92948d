import { t } from '../words.svelte.ts';
import type { ClockDay } from './types.ts';

/** What a clock made of a day: counted days of an extension are told apart. */
export const readingOf = (day: ClockDay): string => (day.reading === 'counted' && day.extended ? 'extended' : day.reading);

/** What kind of day it is, with what is celebrated on it. */
export function kindOf(day: ClockDay): string {
  const kind = t('day-kind', { code: day.kind });
  const names = (day.names ?? []).map((name) => t('holiday', { code: name.toLowerCase().replaceAll(/[^a-z]+/g, '-'), name }));
  return names.length ? `${kind} (${names.join(t('list-comma'))})` : kind;
}

/** How it counted, with the pause that it fell into. */
export function countsAs(day: ClockDay): string {
  const reading = t('reading', { code: readingOf(day) });
  return day.pause === undefined ? reading : `${reading} (${t('clock-pause', { n: day.pause })})`;
}

export function nthOf(day: ClockDay): string {
  if (day.nth === undefined) return '';
  return day.reading === 'late' ? `+${day.nth}` : String(day.nth);
}

export const saidDay = (day: ClockDay): string => [day.date, kindOf(day), countsAs(day), nthOf(day)].filter(Boolean).join(' · ');
