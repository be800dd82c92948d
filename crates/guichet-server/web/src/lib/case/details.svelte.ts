import { get } from '../api.ts';
import type { CaseState } from './types.ts';

const AT_ONCE = 4;

/** Reads cases that are named only by their numbers, a few at a time, and keeps what it read. */
export function details() {
  let known = $state.raw(new Map<string, CaseState>());
  const asked = new Set<string>();
  let waiting: string[] = [];
  let running = 0;
  let gone = false;

  async function run() {
    running += 1;
    for (let id = waiting.shift(); id !== undefined && !gone; id = waiting.shift()) {
      // A case that cannot be read stays a number.
      const read = await get<CaseState>(`/api/v1/cases/${encodeURIComponent(id)}`).catch(() => null);
      if (read) known = new Map(known).set(id, read);
    }
    running -= 1;
  }

  return {
    get known() {
      return known;
    },
    want(ids: readonly string[]) {
      waiting = ids.filter((id) => !asked.has(id));
      for (const id of waiting) asked.add(id);
      while (running < Math.min(AT_ONCE, waiting.length)) void run();
    },
    leave() {
      gone = true;
      waiting = [];
    },
  };
}
