import { stepName } from '../steps.ts';
import { yuan } from '../money.ts';
import { lasting } from '../time.ts';
import { code, department, named, procedure, t, term, windowName } from '../words.svelte.ts';
import type { CaseEvent, Item } from './types.ts';

export interface Fact {
  label: string;
  value: string;
}

/** Names of papers and fees of an item; their ids where the item is not known. */
export function nameOfPaper(item: Item | null, id: string): string {
  return named(item?.papers.find((one) => one.material === id)?.name) || id;
}

export function nameOfFee(item: Item | null, id: string): string {
  return named(item?.fees.find((one) => one.fee === id)?.name) || id;
}

type Say = (value: unknown, item: Item | null) => string;

const list = (value: unknown, say: (one: string) => string): string => (value as string[]).map(say).join(t('list-comma'));
const word = (group: string): Say => (value) => code(group, String(value));
const own = (message: string): Say => (value) => t(message, { code: String(value) });
const step: Say = (value) => stepName(String(value));
const window: Say = (value) => windowName(String(value));
const length: Say = (value) => term(String(value));
const papers: Say = (value, item) => list(value, (id) => nameOfPaper(item, id));
const steps: Say = (value) => list(value, stepName);
const yes: Say = (value) => t(value ? 'yes' : 'no');

/** How the values of an event's fields are said, where they are codes or names. */
const SAY: Record<string, Say> = {
  procedure: (value) => procedure(String(value)),
  department: (value) => department(String(value)),
  lead: (value) => department(String(value)),
  window, step, member: step, group: step, branch: step, block: step, choice: step, steps,
  released: steps, materials: papers, gaps: papers,
  channel: own('channel'),
  opinion: word('opinions'), verdict: word('outcomes'), light: word('lights'), clock: word('clocks'), role: word('roles'), approver_role: word('roles'),
  ground: own('ground'), kind: own('special-kind'), level: own('level'), timeliness: own('timeliness'), point: own('point'),
  outcome: own('group-outcome'), resolution: own('resolution'), finding: own('complaint-finding'), effect: own('silence'), join: own('join'),
  announced: length, used: length,
  complete: yes, excluded: yes, dissent: yes, reached: yes, on_behalf: yes, lapsed: yes,
  amount_fen: (value) => yuan(Number(value)),
  fee: (value, item) => nameOfFee(item, String(value)),
  fees: (value, item) => (value as { fee: string; amount_fen: number }[]).map((one) => `${nameOfFee(item, one.fee)} ${yuan(one.amount_fen)}`).join(t('list-comma')),
  items: (value, item) => (value as (string | { material?: string; reason?: string })[])
    .map((one) => (typeof one === 'string' ? nameOfPaper(item, one) : [one.material && nameOfPaper(item, one.material), one.reason].filter(Boolean).join(' '))).join(t('list-comma')),
  members: (value) => (value as { branch: string; department: string | null }[])
    .map((one) => [stepName(one.branch), one.department && `(${department(one.department)})`].filter(Boolean).join(' ')).join(t('list-comma')),
  facts: (value) => Object.entries(value as object).map(([key, one]) => `${key}: ${one}`).join(t('list-comma')),
  of: step,
};

/** Fields that say what the line of the event says already. */
const LEFT_OUT = new Set(['version', 'target']);
/** Fields that are a step, a window or a length of time for some kinds of events, and something else for others. */
const BY_KIND: Record<string, Record<string, Say>> = {
  'case.transferred': { from: window, to: window },
  'case.step_sent_back': { from: step, to: step },
  'case.extension_requested': { by: length },
  'case.extension_granted': { by: length },
  'case.member_consent_deemed': { ground: own('consent-ground') },
  'case.rectification_rated': { level: own('rectification-level') },
  'case.step_started': { window: word('window_forms') },
};

const empty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0)
  || (typeof value === 'object' && !Array.isArray(value) && Object.keys(value as object).length === 0);

/** What an event says, field by field, in words. */
export function factsOf(event: CaseEvent, item: Item | null): Fact[] {
  return Object.entries(event.data)
    .filter(([key, value]) => !LEFT_OUT.has(key) && !empty(value))
    .map(([key, value]) => {
      const say = BY_KIND[event.kind]?.[key] ?? SAY[key];
      const plain = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return { label: t('field', { field: key }), value: say ? say(value, item) : plain };
    });
}

/** How long after it happened an event was entered, where that is more than a day; null for what was taken over later as a whole. */
export function enteredLate(event: CaseEvent): string | null {
  const minutes = (Date.parse(event.recorded_at) - Date.parse(event.occurred_at)) / 60_000;
  return minutes > 24 * 60 && event.actor?.role !== 'importer' ? lasting(minutes) : null;
}

/** Which entry of an imported log an event was. */
export function importedAs({ cause }: CaseEvent): number | null {
  return cause && typeof cause === 'object' && 'imported' in cause ? Number(cause.imported) : null;
}
