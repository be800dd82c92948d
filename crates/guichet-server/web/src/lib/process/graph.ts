import type { Activity, Process } from './types.ts';

export const BEGIN = '\u25b6';
export const FINISH = '\u25a0';

export interface Edge {
  from: string;
  to: string;
  n: number;
}

export interface Graph {
  activities: Activity[];
  edges: Edge[];
}

/** At most so many activities are drawn: more are no picture, and take long to lay out. */
export const MOST = 40;

/**
 * The part of the process that is drawn: the activities that happen most, and of the paths between them the share that is
 * taken most. Every activity keeps the path that leads to it most often and the one that leaves it most often, so that
 * none floats.
 */
export function graphOf(process: Process, activities: number, share: number): Graph {
  const kept = [...process.activities].sort((a, b) => b.events - a.events).slice(0, Math.min(activities, MOST));
  const names = new Set(kept.map((one) => one.activity));
  const all: Edge[] = process.directly_follows
    .filter(([from, to]) => names.has(from) && names.has(to))
    .map(([from, to, n]) => ({ from, to, n }))
    .sort((a, b) => b.n - a.n);
  const chosen = new Set(all.slice(0, Math.ceil((all.length * share) / 100)));
  for (const name of names) {
    const into = all.find((edge) => edge.to === name && edge.from !== name);
    const out = all.find((edge) => edge.from === name && edge.to !== name);
    if (into) chosen.add(into);
    if (out) chosen.add(out);
  }
  const ends: Edge[] = [
    ...Object.entries(process.start_activities).filter(([name]) => names.has(name)).map(([to, n]) => ({ from: BEGIN, to, n })),
    ...Object.entries(process.end_activities).filter(([name]) => names.has(name)).map(([from, n]) => ({ from, to: FINISH, n })),
  ].sort((a, b) => b.n - a.n);
  const drawn = ends.filter((edge, i) => i < Math.max(2, Math.ceil((ends.length * share) / 100)) || ends.findIndex((one) => one.from === edge.from && edge.from === BEGIN) === i);
  return { activities: kept, edges: [...all.filter((edge) => chosen.has(edge)), ...drawn] };
}
