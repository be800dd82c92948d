import type { LightName } from '../types.ts';

/** An event of a case, as the log has it. */
export interface CaseEvent {
  position: number;
  revision: number;
  kind: string;
  occurred_at: string;
  recorded_at: string;
  actor: { person: string | null; role: string | null; window: string | null; department: string | null; acting_for: string | null } | null;
  authority: unknown;
  cause: 'asked' | { followed: number } | unknown;
  command: string | null;
  data: Record<string, unknown>;
}

export interface Timeline {
  case: string;
  events: CaseEvent[];
}

export interface StepState {
  department: string;
  group: string | null;
  status: string;
  started_on: string;
  due_on: string | null;
  holder: string | null;
  opinion: string | null;
  by: string | null;
}

export interface GroupState {
  lead: string;
  due_on: string | null;
  members: string[];
  arrived: string[];
  outcome: string | null;
}

export interface CaseState {
  case: string;
  revision: number;
  as_of: string;
  procedure: string;
  procedure_version: number;
  department: string;
  applicant: string | null;
  agent: string | null;
  channel: string | null;
  window: string | null;
  transfer_to: string | null;
  stage: string;
  outcome: string | null;
  light: LightName | null;
  next_due_on: string | null;
  next_due_clock: string | null;
  next_due_of: string | null;
  received_on: string | null;
  accepted_on: string | null;
  acceptance_deemed: boolean;
  promised_due_on: string | null;
  statutory_due_on: string | null;
  correction_due_on: string | null;
  suspended: boolean;
  decided_on: string | null;
  delivery_due_on: string | null;
  delivered_on: string | null;
  ended_on: string | null;
  green_channel: boolean;
  reopened: number;
  resubmits: string | null;
  facts: Record<string, unknown>;
  materials: string[];
  gaps: string[];
  steps: Record<string, StepState>;
  groups: Record<string, GroupState>;
  fees: Record<string, { owed_fen: number; paid_fen: number; refunded_fen: number; settled: boolean; waived: boolean }>;
  ratings: Record<string, Rating>;
  complaints: Record<string, unknown>;
}

export interface Rating {
  department: string;
  staff: string | null;
  closes_on: string;
  level: string | null;
  counts: boolean;
  rectify_by: string | null;
  rectified_on: string | null;
}

/** An event that a clock hangs on. */
export interface ClockMoment {
  on: string;
  event: string;
  revision: number;
}

export interface ClockDay {
  date: string;
  kind: string;
  reading: string;
  weekday: number;
  nth?: number;
  pause?: number;
  extended?: boolean;
  names?: string[];
}

export interface Clock {
  clock: string;
  of: string | null;
  procedure: string;
  procedure_version: number;
  term: string;
  source: string | null;
  policy: string;
  calendar: string;
  calendar_version: number;
  as_of: string;
  started: ClockMoment;
  stopped: ClockMoment | null;
  counted_from: string | null;
  due_on: string | null;
  warn_on: string | null;
  days_allowed: number | null;
  days_used: number | null;
  light: LightName | null;
  moved: boolean;
  provisional: boolean;
  extensions: { by: string; approver: string; granted: ClockMoment; reason: string }[];
  pauses: {
    effect: string;
    ground: string | null;
    special: string | null;
    special_kind: string | null;
    reason: string | null;
    notice: string | null;
    began: ClockMoment;
    ended: ClockMoment | null;
  }[];
  told: { due_on: string; announced: boolean; notice: string | null; with: ClockMoment }[];
  days: ClockDay[];
}

export interface Explanation {
  case: string;
  clocks: Clock[];
}

export interface Stay {
  department: string | null;
  window: string | null;
  stage: string;
  from: string;
  from_on: string;
  until: string | null;
  until_on: string | null;
  received_by: string | null;
  sent_to: string | null;
  awaits_applicant: boolean;
  steps: { step: string; department: string; person: string | null }[];
}

export interface Held {
  case: string;
  day: string;
  stays: Stay[];
  windows: { window: string; times: number; days: number; working_days: number; seconds: number }[];
}

/** An item as the catalogue shows it. */
export interface Item {
  procedure: string;
  procedure_version: number;
  name: { zh: string; en: string };
  department: string;
  kind: string;
  materials: number;
  promised: string | null;
  statutory: string | null;
  papers: { material: string; name: { zh: string; en: string }; required: boolean; may_follow: boolean }[];
  fees: { fee: string; name: { zh: string; en: string }; amount_fen: number; source: string }[];
  terms: { clock: string; term: string; source: string }[];
  guide: string;
}
