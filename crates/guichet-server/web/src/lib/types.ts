export type LightName = 'green' | 'yellow' | 'red' | 'black' | 'grey' | 'none';
export type Lights = Record<LightName, number>;

export interface Totals {
  received: number;
  accepted: number;
  in_hand: number;
  waiting: number;
  done: number;
  done_late: number;
  overdue: number;
}

export interface WindowRow {
  window: string | null;
  form: string | null;
  departments: string[];
  open: number;
  coming: number;
  received: number;
  done: number;
  lights: Lights;
  queue: string[];
}

export interface DepartmentRow {
  department: string;
  open: number;
  lights: Lights;
  received: number;
  done: number;
  done_late: number;
}

export interface EventLine {
  position: number;
  case: string | null;
  kind: string;
  at: string;
  department?: string | null;
  window?: string | null;
}

export interface Overview {
  at: number;
  end: number;
  now: string | null;
  day: string | null;
  live: boolean;
  lag: number;
  root: string | null;
  totals: Totals;
  lights: Lights;
  windows: WindowRow[];
  departments: DepartmentRow[];
  events: EventLine[];
}

export interface Told {
  figure: string;
  level: string;
  unit: string;
  numerator: number | null;
  denominator: number | null;
  value: string | null;
}

export interface FigureRow {
  group: Record<string, string>;
  period: string;
  figures: Told[];
}

export interface Figures {
  position: number;
  root: string | null;
  rows: FigureRow[];
}

export interface CaseRow {
  case: string;
  procedure: string;
  department: string;
  window: string | null;
  stage: string;
  light: LightName | null;
  clock: string | null;
  clock_of: string | null;
  due_on: string | null;
  received_on: string;
  steps: string[];
  holder: string | null;
  outcome: string | null;
  ended_on: string | null;
}

export interface Cases {
  at: number;
  total: number;
  day: string | null;
  cases: CaseRow[];
  next: string | null;
}

export interface Session {
  role: string;
  person: string | null;
  label: string | null;
  signed_in: boolean;
  departments: string[];
  may: string[];
}

export interface History {
  start: number;
  end: number;
  first: string | null;
  last: string | null;
  days: { day: string; position: number; received: number; done: number; open: number }[];
  findings: { position: number; rule: string; severity: string }[];
}

export interface PublicScreen {
  now: string | null;
  day: string | null;
  received_today: string | null;
  completed_today: string | null;
  satisfaction: { figure: string; period: string; numerator: number; denominator: number; value: string }[];
  cases: { number: string; procedure: string; department: string; stage: string; light: LightName | null; received_on: string; due_on: string | null }[];
}

export interface PublicStatus {
  number: string;
  procedure: string;
  department: string;
  stage: string;
  light: LightName | null;
  received_on: string;
  due_on: string | null;
  waits_for: 'applicant' | 'centre' | null;
  missing: (string | { zh?: string; en?: string })[];
  fees: { owed_fen: number; paid_fen: number } | null;
  outcome: string | null;
  ended_on: string | null;
}

export interface System {
  guichet: string;
  position: number;
  lag: number;
  poisoned: string | null;
  archive: { size: number | null; root: string | null; lag: number; failed: string | null } | null;
  viewers: number;
  uptime_seconds: number;
  calendars: Record<string, { version: number; from: string; to: string }>;
}
