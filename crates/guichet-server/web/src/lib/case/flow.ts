import { branchOf } from '../steps.ts';
import type { CaseEvent } from './types.ts';

/** Steps that follow each other: a step by itself, or those of an item whose flow is part of this one. */
export interface Chain {
  kind: 'chain';
  of: string | null;
  steps: string[];
}

/** A parallel group with a chain for each member; one that has not begun is empty. */
export interface Parallel {
  kind: 'group';
  id: string;
  lanes: Chain[];
  closed: boolean;
}

export type Part = Chain | Parallel;

/** The flow that a case went through, from its history: in order, with what ran side by side beside each other. */
export function flowOf(events: readonly CaseEvent[]): Part[] {
  const parts: Part[] = [];
  const groups: Parallel[] = [];
  const seen = new Set<string>();
  /** Branches of a choice: the steps of what was taken stand where the choice stands. */
  const chosen = new Map<string, string>();
  let choices: { choice: string; taken: unknown }[] = [];

  const into = (chains: Chain[], step: string, place: (chain: Chain) => void) => {
    const branch = chosen.get(branchOf(step)) ?? branchOf(step);
    const known = chains.find((chain) => chain.of === branch || chain.of === step);
    if (known) known.steps.push(step);
    else place({ kind: 'chain', of: branch === step ? null : branch, steps: [step] });
  };

  for (const [i, { kind, data }] of events.entries()) {
    if (kind === 'case.parallel_opened') {
      const members = (data.members as { branch: string }[] | undefined) ?? [];
      const group: Parallel = { kind: 'group', id: String(data.group), closed: false, lanes: members.map((member) => ({ kind: 'chain', of: member.branch, steps: [] })) };
      groups.push(group);
      parts.push(group);
    } else if (kind === 'case.parallel_closed') {
      const group = groups.findLast((one) => one.id === data.group);
      if (group) group.closed = true;
    } else if (kind === 'case.branch_chosen') {
      choices.push({ choice: String(data.choice), taken: data.taken });
      continue;
    } else if (kind === 'case.step_started') {
      const step = String(data.step);
      if (events[i - 1]?.kind === 'case.branch_chosen') {
        // Choices that were made together begin their steps in the same order; those that take nothing begin none.
        const others = events.slice(i).findIndex((event) => event.kind !== 'case.step_started');
        if (others >= 0 && others < choices.length) choices = choices.filter((one) => one.taken !== 'else');
      }
      const choice = choices.shift()?.choice ?? null;
      // A step that was begun again stands where it stood.
      if (seen.has(step)) continue;
      seen.add(step);
      if (choice !== null && !chosen.has(branchOf(step)) && groups.some((group) => group.lanes.some((lane) => lane.of === choice))) chosen.set(branchOf(step), choice);
      const own = groups.findLast((group) => group.lanes.some((lane) => lane.of === (chosen.get(branchOf(step)) ?? branchOf(step)) || lane.of === step));
      const open = own ?? groups.findLast((group) => !group.closed);
      if (open) {
        into(open.lanes, step, (chain) => open.lanes.push({ ...chain, of: chain.of ?? step }));
      } else {
        const last = parts.at(-1);
        into(last?.kind === 'chain' && last.of !== null ? [last] : [], step, (chain) => parts.push(chain));
      }
    }
    if (kind !== 'case.step_started') choices = [];
  }
  return parts;
}
