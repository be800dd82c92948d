import { languageNow } from './language.ts';
import { spoken, t } from './words.svelte.ts';

/** Minutes that the centre's clock is ahead of UTC. */
export function offset(): number {
  const match = /^([+-])(\d\d):(\d\d)$/.exec(spoken.centre?.zone ?? '+08:00');
  if (!match) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}

/** An instant moved so that its UTC fields read as the centre's wall clock. */
function wall(instant: string | number): Date {
  return new Date(new Date(instant).getTime() + offset() * 60_000);
}

const two = (n: number) => String(n).padStart(2, '0');

/** The centre's wall clock: 11:00. */
export function clock(instant: string | null | undefined, seconds = false): string {
  if (!instant) return '';
  const at = wall(instant);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}${seconds ? `:${two(at.getUTCSeconds())}` : ''}`;
}

/** Day and wall clock: 2010-06-10 11:00. */
export function moment(instant: string | null | undefined): string {
  return instant ? `${wall(instant).toISOString().slice(0, 10)} ${clock(instant)}` : '';
}

export function dayOf(instant: string): string {
  return wall(instant).toISOString().slice(0, 10);
}

/** A day with its weekday, as people say it. */
export function longDay(day: string | null | undefined): string {
  if (!day) return '';
  const format = new Intl.DateTimeFormat(languageNow() === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone: 'UTC', year: 'numeric', month: 'long', day: 'numeric', weekday: 'long',
  });
  return format.format(new Date(`${day}T00:00:00Z`));
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** The months up to a day's, oldest first: 2010-05, 2010-06. */
export function monthsUpTo(day: string, count: number): string[] {
  const [year, month] = day.split('-').map(Number);
  return Array.from({ length: count }, (_, i) => {
    const at = new Date(Date.UTC(year, month - count + i, 1));
    return at.toISOString().slice(0, 7);
  });
}

/** A length of time in the unit that says it best. */
export function lasting(minutes: number): string {
  if (minutes < 90) return t('duration-minutes', { n: Math.round(minutes) });
  if (minutes < 36 * 60) return t('duration-hours', { n: Math.round(minutes / 60) });
  return t('duration-days', { n: Math.round(minutes / 1440) });
}

/** A count with separators. */
export function count(n: number | null | undefined): string {
  return n === null || n === undefined ? '–' : n.toLocaleString('en-US');
}
