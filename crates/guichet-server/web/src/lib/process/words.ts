import { stepName } from '../steps.ts';
import { knownCode, t } from '../words.svelte.ts';
import { BEGIN, FINISH } from './graph.ts';

/** What an activity is called: a step by its name, with what was done to it where that is more than to handle it. */
export function activityName(activity: string): string {
  if (activity === BEGIN) return t('process-begin');
  if (activity === FINISH) return t('process-finish');
  const space = activity.indexOf(' ');
  const kind = knownCode('events', `case.${space < 0 ? activity : activity.slice(0, space)}`);
  // What another system recorded has its own names.
  if (kind === null) return activity;
  if (space < 0) return kind;
  const step = stepName(activity.slice(space + 1));
  return activity.startsWith('step_opinion_given ') ? `${t('process-step')} ${step}` : `${kind} ${step}`;
}

/** A length of time as people say it. */
export function lasting(ms: number | undefined | null): string {
  if (ms === undefined || ms === null) return '–';
  const minutes = ms / 60_000;
  if (minutes < 90) return t('duration-minutes', { n: Math.round(minutes) });
  if (minutes < 36 * 60) return t('duration-hours', { n: Math.round(minutes / 6) / 10 });
  return t('duration-days', { n: Math.round(minutes / 144) / 10 });
}
