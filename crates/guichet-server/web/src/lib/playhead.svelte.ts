/** Where the replay stands, and how it runs: forwards or backwards, so many records a second. */
export class Playhead {
  position = $state(0);
  direction = $state<-1 | 0 | 1>(0);
  /** Records a second. */
  speed = $state(100);
  #end: () => number;
  #frame = 0;
  #last = 0;
  #exact = 0;

  constructor(end: () => number) {
    this.#end = end;
  }

  to(position: number) {
    this.position = Math.max(0, Math.min(this.#end(), Math.round(position)));
    this.#exact = this.position;
  }

  play(direction: -1 | 1) {
    this.direction = direction;
    this.#exact = this.position;
    this.#last = performance.now();
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(this.#tick);
  }

  stop() {
    this.direction = 0;
    cancelAnimationFrame(this.#frame);
  }

  #tick = (now: number) => {
    if (this.direction === 0) return;
    // A tab that was away does not jump over what it missed.
    const seconds = Math.min(0.25, (now - this.#last) / 1000);
    this.#last = now;
    this.#exact = Math.max(0, Math.min(this.#end(), this.#exact + this.direction * this.speed * seconds));
    this.position = Math.round(this.#exact);
    const over = this.direction > 0 ? this.#exact >= this.#end() : this.#exact <= 0;
    if (over) this.stop();
    else this.#frame = requestAnimationFrame(this.#tick);
  };
}
