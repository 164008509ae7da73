// A pasted .env file as lines of NAME=value: what a shell or Compose would read, less the variables.

const LINE = /^\s*(?:export\s+)?([\w.-]+)\s*=\s*(.*)$/;
const ESCAPES = { n: "\n", r: "\r", t: "\t" };

/** Comments, quotes and `export` are left out. A line that is none of these stays as it is. */
export function variables(text) {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() && !line.trimStart().startsWith("#"));
  return lines.map((line) => {
    const [, name, value] = LINE.exec(line) ?? [];
    return name ? `${name}=${plain(value)}` : line;
  });
}

function plain(value) {
  const [, quote, inside] = /^(["'])(.*)\1\s*(?:#.*)?$/.exec(value) ?? [];
  if (quote === "'") return inside;
  // A line cannot hold a line end: with one, the value stays as it is written.
  if (quote) return /\\[nr]/.test(inside) ? value : inside.replace(/\\(.)/g, (whole, char) => ESCAPES[char] ?? char);
  return value.replace(/\s+#.*$/, "").trimEnd();
}
