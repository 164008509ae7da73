// Where the matches are in the whole of the log: lines on a strip over the scrollbar.

const PAUSE_MS = 250;

export class ScrollMarks {
  constructor(canvas, view) {
    Object.assign(this, { canvas, view, lines: [], timer: null });
    new ResizeObserver(() => this.draw(this.lines)).observe(canvas);
  }

  draw(lines) {
    this.lines = lines;
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.paint();
    }, PAUSE_MS);
  }

  paint() {
    const { canvas } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, width, height);
    if (!this.lines.length || !height) return;
    pen.fillStyle = getComputedStyle(canvas).color;
    for (const y of this.places(height)) pen.fillRect(0, y, width, 2);
  }

  places(height) {
    const { view } = this;
    const whole = Math.max(1, view.box.scrollHeight);
    const tops = new Map();
    const places = new Set();
    for (const line of this.lines) {
      const chunk = view.chunkOf(line);
      if (!chunk) continue;
      if (!tops.has(chunk)) tops.set(chunk, [chunk.element.offsetTop, chunk.element.offsetHeight]);
      const [top, tall] = tops.get(chunk);
      const first = chunk.items[0].n;
      const share = (line.n - first) / (chunk.items.at(-1).n - first + 1);
      places.add(Math.min(height - 2, Math.floor(((top + share * tall) / whole) * height)));
    }
    return places;
  }
}
