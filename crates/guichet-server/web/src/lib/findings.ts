/** What a rule of supervision found. */
export interface Finding {
  id: string;
  rule: string;
  severity: string;
  subject: { case?: string };
  on: string;
  procedure: string | null;
  department: string | null;
  window: string | null;
  handler: string | null;
  agent: string | null;
  pair: unknown;
  evidence: number[];
  records: number;
  sentence: { zh: string; en: string };
  standing: string;
  said: { says?: string; by?: string; on?: string }[];
}

export interface Findings {
  position: number;
  as_of: string;
  found: number;
  total: number;
  rules: Record<string, number>;
  findings: Finding[];
  next: string | null;
}
