// Plays an asciicast on a screen: when to show what, at which speed, from where.

const PIECE = 256 * 1024;
const LONG_PAUSE_S = 1.5, KEPT_PAUSE_S = 0.4;

/** Fires: moved, stopped. ``position`` is in seconds of the recording. */
export class Player extends EventTarget {
  constructor(cast, screen) {
    super();
    Object.assign(this, { cast, screen, position: 0, speed: 1, skip: true, playing: false });
    this.next = 0; // the first event that is not shown
    this.turn = 0; // a newer seek ends an older one
    this.working = Promise.resolve();
    screen.resize(cast.cols, cast.rows);
  }

  play() {
    if (this.playing) return;
    if (this.position >= this.cast.length) this.seek(0);
    this.playing = true;
    this.last = performance.now();
    this.frame();
  }

  pause() {
    this.playing = false;
    this.dispatchEvent(new Event("stopped"));
  }

  seek(to) {
    this.position = Math.max(0, Math.min(this.cast.length, to));
    this.last = performance.now();
    this.dispatchEvent(new Event("moved"));
    return this.show(true);
  }

  frame() {
    if (!this.playing) return;
    requestAnimationFrame(async () => {
      if (!this.playing) return;
      this.advance();
      await this.show(false);
      if (this.position >= this.cast.length) this.pause();
      else this.frame();
    });
  }

  advance() {
    const now = performance.now();
    const passed = Math.min(0.5, (now - this.last) / 1000) * this.speed;
    this.last = now;
    this.position = Math.min(this.cast.length, this.position + passed);
    const coming = this.cast.events[this.next]?.at ?? this.cast.length;
    if (this.skip && coming - this.position > LONG_PAUSE_S) this.position = coming - KEPT_PAUSE_S;
    this.dispatchEvent(new Event("moved"));
  }

  /** Bring the screen to ``position``; one at a time, for a terminal takes its writes in turn. */
  show(sought) {
    const turn = sought ? ++this.turn : this.turn;
    this.working = this.working.then(() => this.bring(turn));
    return this.working;
  }

  async bring(turn) {
    const { events } = this.cast;
    if (this.next && events[this.next - 1].at > this.position) this.rewind();
    let text = "";
    while (this.next < events.length && events[this.next].at <= this.position && turn === this.turn) {
      const { data, size } = events[this.next++];
      if (data !== undefined) text += data;
      if (size || text.length > PIECE) {
        await this.screen.write(text);
        text = "";
      }
      if (size) this.screen.resize(...size);
    }
    if (text) await this.screen.write(text);
  }

  rewind() {
    this.screen.terminal.reset();
    this.screen.resize(this.cast.cols, this.cast.rows);
    this.next = 0;
  }
}
