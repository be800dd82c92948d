import { branchOf } from '../steps.ts';
import type { CaseEvent } from './types.ts';

export type GroupKind =
  | 'intake' | 'correction' | 'materials' | 'transfer' | 'step' | 'group' | 'special' | 'suspension' | 'extension' | 'fee'
  | 'decision' | 'delivery' | 'end' | 'rating' | 'complaint' | 'agency' | 'light' | 'note';

/** Events that belong together, as one line of the timeline with one bar. */
export interface Group {
  id: string;
  kind: GroupKind;
  /** The step, group, fee or procedure that it is about. */
  of: string | null;
  /** The parallel group that it is part of. */
  within: string | null;
  events: CaseEvent[];
  from: string;
  /** When it was over; null while it goes on. */
  until: string | null;
  due_on: string | null;
  /** Which time, where the same thing was begun again. */
  run: number;
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Kinds of events that begin something, and the kinds that end it. */
const BEGINS: Record<string, { kind: GroupKind; of?: string }> = {
  'case.pre_check_recorded': { kind: 'intake' },
  'case.submitted': { kind: 'intake' },
  'case.correction_requested': { kind: 'correction' },
  'case.transferred': { kind: 'transfer' },
  'case.step_started': { kind: 'step', of: 'step' },
  'case.parallel_opened': { kind: 'group', of: 'group' },
  'case.special_procedure_requested': { kind: 'special', of: 'special' },
  'case.clock_suspended': { kind: 'suspension' },
  'case.extension_requested': { kind: 'extension' },
  'case.decision_made': { kind: 'decision' },
  'case.decision_deemed': { kind: 'decision' },
  'case.rating_offered': { kind: 'rating', of: 'opportunity' },
  'case.complaint_received': { kind: 'complaint', of: 'complaint' },
  'case.agency_appointed': { kind: 'agency' },
};

const ENDS: Record<string, GroupKind> = {
  'case.accepted': 'intake',
  'case.acceptance_deemed': 'intake',
  'case.acceptance_refused': 'intake',
  'case.no_licence_needed': 'intake',
  'case.correction_submitted': 'correction',
  'case.correction_lapsed': 'correction',
  'case.transfer_confirmed': 'transfer',
  'case.transfer_returned': 'transfer',
  'case.step_opinion_given': 'step',
  'case.parallel_closed': 'group',
  'case.special_procedure_ended': 'special',
  'case.special_procedure_refused': 'special',
  'case.clock_resumed': 'suspension',
  'case.extension_granted': 'extension',
  'case.extension_refused': 'extension',
  'case.rating_given': 'rating',
  'case.complaint_answered': 'complaint',
  'case.agency_ended': 'agency',
};

/** What else belongs to something that has begun. */
const BELONGS: Record<string, GroupKind> = {
  'case.step_claimed': 'step',
  'case.step_released': 'step',
  'case.step_delegated': 'step',
  'case.special_procedure_approved': 'special',
  'case.special_procedure_started': 'special',
  'case.extension_revoked': 'extension',
  'case.decision_revoked': 'decision',
  'case.rating_appended': 'rating',
  'case.rating_invalidated': 'rating',
  'case.bad_rating_assigned': 'rating',
  'case.callback_made': 'rating',
  'case.rectification_done': 'rating',
  'case.rectification_rated': 'rating',
  'case.agency_logged': 'agency',
  'case.branch_arrived': 'group',
  'case.branch_added': 'group',
  'case.branch_removed': 'group',
  'case.dissent_resolved': 'group',
  'case.fee_notified': 'fee',
  'case.fee_paid': 'fee',
  'case.fee_waived': 'fee',
  'case.fee_refunded': 'fee',
  'case.material_supplied': 'materials',
  'case.certificate_issued': 'delivery',
  'case.certificate_delivered': 'delivery',
  'case.completed': 'end',
  'case.archived': 'end',
  'case.withdrawn': 'end',
  'case.terminated': 'end',
  'case.reopened': 'end',
};

/** What an event is about: the step, the member, the special procedure, the rating. */
function subject(event: CaseEvent): string | null {
  const data = event.data;
  return text(data.step) ?? text(data.member) ?? text(data.special) ?? text(data.opportunity) ?? text(data.complaint) ?? text(data.group);
}

/** The timeline of a case: its events in the order of the log, gathered into what begins, goes on and ends. */
export function groupsOf(events: readonly CaseEvent[]): Group[] {
  const groups: Group[] = [];
  const members = new Map<string, string>();

  const find = (kind: GroupKind, of: string | null) => groups.findLast((group) => group.kind === kind && (of === null || group.of === of));
  const begin = (kind: GroupKind, of: string | null, event: CaseEvent): Group => {
    const before = groups.filter((group) => group.kind === kind && group.of === of).length;
    const group: Group = {
      id: `${kind}:${of ?? ''}:${before}`, kind, of, events: [], from: event.occurred_at, until: null,
      due_on: text(event.data.due_on) ?? text(event.data.intake_due_on) ?? text(event.data.respond_by) ?? text(event.data.closes_on), run: before + 1,
      within: of && kind === 'step' ? (text(event.data.group) ?? members.get(branchOf(of)) ?? null) : null,
    };
    groups.push(group);
    return group;
  };
  const put = (group: Group, event: CaseEvent, ends: boolean) => {
    group.events.push(event);
    if (ends) group.until = event.occurred_at;
  };
  /** Something that happens at once is over when it happens; later events of it draw it out. */
  const putAtOnce = (kind: GroupKind, of: string | null, event: CaseEvent) => put(find(kind, of) ?? begin(kind, of, event), event, true);

  for (const event of events) {
    const { kind, data } = event;
    if (kind === 'case.parallel_opened') {
      for (const member of (data.members as { branch: string }[] | undefined) ?? []) members.set(member.branch, text(data.group) ?? '');
    }
    if (kind === 'case.light_turned') {
      const of = text(data.of);
      const group = data.clock === 'step' ? find('step', of) : data.clock === 'group' ? find('group', of) : data.clock === 'special' ? find('special', of) : undefined;
      if (group) put(group, event, false);
      else putAtOnce('light', null, event);
      continue;
    }
    if (kind === 'case.step_sent_back') {
      const from = find('step', text(data.from));
      if (from) put(from, event, true);
      continue;
    }
    if (kind === 'case.member_opinion_given' || kind === 'case.member_consent_deemed' || kind === 'case.service_proved') {
      const step = find('step', subject(event)) ?? find('group', text(data.group));
      if (step) put(step, event, kind !== 'case.service_proved' && step.kind === 'step');
      continue;
    }
    const begins = BEGINS[kind];
    if (begins) {
      // A decision is also the end of the step that made it.
      const step = kind === 'case.decision_made' ? find('step', text(data.step)) : undefined;
      if (step) put(step, event, true);
      const open = begins.kind === 'intake' ? find('intake', null) : undefined;
      const group = open ?? begin(begins.kind, begins.of ? text(data[begins.of]) : null, event);
      put(group, event, begins.kind === 'decision');
      continue;
    }
    const ends = ENDS[kind];
    const belongs = ends ?? BELONGS[kind];
    if (belongs === 'fee') {
      const fees = (data.fees as { fee: string }[] | undefined)?.map((one) => one.fee) ?? [text(data.fee) ?? ''];
      const group = find('fee', null) ?? begin('fee', null, event);
      put(group, event, kind !== 'case.fee_notified' && fees.length > 0);
    } else if (belongs === 'delivery' || belongs === 'end' || belongs === 'materials') {
      putAtOnce(belongs, null, event);
    } else if (belongs) {
      const group = find(belongs, belongs === 'group' ? text(data.group) : subject(event)) ?? begin(belongs, subject(event), event);
      put(group, event, ends !== undefined);
      if (kind === 'case.special_procedure_started') group.due_on = text(data.due_on);
    } else {
      putAtOnce('note', null, event);
    }
  }
  // The delivery is waited for from the decision on.
  const delivery = find('delivery', null);
  const decision = find('decision', null);
  if (delivery && decision) delivery.from = decision.from;
  return groups.sort((a, b) => a.events[0].position - b.events[0].position);
}

/** Days on which the clocks stood still because of suspensions and special procedures that are left out. */
export function pausesOf(groups: readonly Group[]): { from: string; until: string | null; kind: GroupKind }[] {
  return groups.flatMap((group): { from: string; until: string | null; kind: GroupKind }[] => {
    if (group.kind === 'suspension') return [{ from: group.from, until: group.until, kind: group.kind }];
    if (group.kind !== 'special') return [];
    const started = group.events.find((event) => event.kind === 'case.special_procedure_started');
    const excluded = group.events.some((event) => event.kind === 'case.special_procedure_approved' && event.data.excluded === true);
    return started && excluded ? [{ from: started.occurred_at, until: group.until, kind: group.kind }] : [];
  });
}
