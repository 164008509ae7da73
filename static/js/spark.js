// The line of the latest shares of the CPU: the newest stands at the right, what idles is flat.

export const TRAIL = 24; // shares that a line shows
const [WIDTH, HEIGHT] = [72, 20];

/** An empty line, as an <svg> element. */
export function spark() {
  const [svg, path] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
  svg.setAttribute("class", "spark");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.append(path);
  return svg;
}

/** Its path, of percents. */
export function line(trail) {
  const top = Math.max(10, ...trail);
  const step = WIDTH / (TRAIL - 1);
  const points = trail.map((share, place) => `${(WIDTH - (trail.length - 1 - place) * step).toFixed(1)} ${(HEIGHT - 1 - ((HEIGHT - 2) * share) / top).toFixed(1)}`);
  return `M${points.join("L")}`;
}
