/** A line of time from one instant to another, in percent of its length, with the ticks that fit on it. */
export interface Axis {
  from: number;
  until: number;
  ticks: { at: number; label: string; strong: boolean }[];
  /** Where an instant lies, 0 to 100. */
  place(instant: string | number): number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const two = (n: number) => String(n).padStart(2, '0');

/** The centre's midnight that begins a day. */
export function midnight(day: string, offset: number): number {
  return Date.parse(`${day}T00:00:00Z`) - offset * MINUTE;
}

/** An axis over instants; `offset` is what the centre's clock is ahead of UTC, in minutes. */
export function axisOf(instants: readonly number[], offset: number, fits: number): Axis {
  let from = Math.min(...instants);
  let until = Math.max(...instants, from + 10 * MINUTE);
  const span = until - from;
  const wall = (instant: number) => new Date(instant + offset * MINUTE);
  const step = [15 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY].find((size) => span / size <= fits) ?? 0;
  if (span > 2 * DAY) {
    // Whole days at both ends: what happens on a day lies within its day.
    from = Math.floor((from + offset * MINUTE) / DAY) * DAY - offset * MINUTE;
    until = Math.ceil((until + offset * MINUTE) / DAY) * DAY - offset * MINUTE;
    // A last day that ends with the axis is seen all the same.
    until += (until - from) * 0.01;
  } else {
    from -= span * 0.02;
    until += span * 0.02;
  }
  const place = (instant: string | number) => {
    const at = typeof instant === 'number' ? instant : Date.parse(instant);
    return Math.min(100, Math.max(0, ((at - from) / (until - from)) * 100));
  };
  const ticks: Axis['ticks'] = [];
  if (step) {
    // Weeks begin on Monday: the first Monday of the epoch was its fifth day.
    const shift = step >= 7 * DAY ? 4 * DAY : 0;
    const first = Math.ceil((from + offset * MINUTE - shift) / step) * step + shift - offset * MINUTE;
    for (let at = first; at <= until; at += step) {
      const date = wall(at);
      const label = step < DAY && date.getUTCHours() + date.getUTCMinutes() > 0
        ? `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
        : `${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
      ticks.push({ at, label, strong: date.getUTCDate() <= 7 && step >= 7 * DAY });
    }
  } else {
    const month = wall(from);
    const every = Math.max(1, Math.ceil(span / (30 * DAY) / fits));
    for (let i = 1; ; i += every) {
      const at = Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + i, 1) - offset * MINUTE;
      if (at > until) break;
      const date = wall(at);
      ticks.push({ at, label: `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}`, strong: true });
    }
  }
  return { from, until, ticks, place };
}
