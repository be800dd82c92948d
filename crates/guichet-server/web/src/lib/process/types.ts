interface Spread {
  n: number;
  max?: number;
  mean?: number;
  p50?: number;
  p90?: number;
}

export interface Activity {
  activity: string;
  events: number;
  cases: number;
  cases_with_rework: number;
  repetitions: number;
  resources: number;
  /** Milliseconds since the event of the case before it. */
  sojourn_ms: Spread;
}

/** What is done to cases, in which order, and how long it takes. */
export interface Process {
  position: number;
  counts: { cases: number; events: number; activities: number; first_event: string; last_event: string };
  duration_calendar_days: Spread;
  activities: Activity[];
  rework: { repetitions: number; cases_with_rework: number };
  transfers: Record<'group' | 'role' | 'resource', { transfers: number; cases_with_transfer: number; matrix: [string, string, number][] }>;
  start_activities: Record<string, number>;
  end_activities: Record<string, number>;
  variants: { distinct: number; top: { cases: number; sequence: string[] }[] };
  directly_follows: [string, string, number][];
}
