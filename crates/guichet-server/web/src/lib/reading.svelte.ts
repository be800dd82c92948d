import { Problem, problemOf } from './api.ts';

/** What a reading came to: what was read last, and why the last one failed, where it did. */
export class Reading<T> {
  data = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(false);

  /** Whether the last reading failed, so that what is shown is older than it should be. */
  get stale(): boolean {
    return this.problem !== null && this.data !== null;
  }

  /** Takes what is read, unless it is no longer wanted when it comes. */
  async take(asked: Promise<T>, wanted: () => boolean) {
    try {
      const read = await asked;
      if (!wanted()) return;
      this.data = read;
      this.problem = null;
    } catch (cause) {
      if (wanted()) this.problem = problemOf(cause);
    }
  }

  forget() {
    this.data = null;
    this.problem = null;
  }
}
