// SGR colours become classes; every other control is shown as a symbol, and acts on nothing.

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f]/g;
const SGR = /\x1b\[([0-9;]*)m/g;
const ATTRIBUTES = new Set([1, 2, 3, 4, 9]);
const PLAIN = { fore: "", back: "", marks: [] };

export const escapeHtml = (text) => text.replace(/[&<>"]/g, (c) => ESCAPES[c]);

const visible = (text) =>
  text.replace(CONTROLS, (c) => (c === "\x7f" ? "␡" : String.fromCharCode(0x2400 + c.charCodeAt(0))));

export const plain = (text) => visible(text.replace(SGR, ""));

function step(state, code) {
  if (code === 0) return PLAIN;
  if (ATTRIBUTES.has(code)) return { ...state, marks: [...new Set([...state.marks, code])] };
  if (code === 22) return { ...state, marks: state.marks.filter((mark) => mark > 2) };
  if (code >= 23 && code <= 29) return { ...state, marks: state.marks.filter((mark) => mark !== code - 20) };
  if (code === 39) return { ...state, fore: "" };
  if (code === 49) return { ...state, back: "" };
  if (code >= 30 && code <= 37) return { ...state, fore: `c${code - 30}` };
  if (code >= 90 && code <= 97) return { ...state, fore: `c${code - 82}` };
  if (code >= 40 && code <= 47) return { ...state, back: `b${code - 40}` };
  return state;
}

function next(state, parameters) {
  const codes = parameters.split(";").map(Number);
  for (let i = 0; i < codes.length; i++) {
    if (codes[i] === 38 || codes[i] === 48) i += codes[i + 1] === 5 ? 2 : 4; // 256 and true colours
    else state = step(state, codes[i]);
  }
  return state;
}

const classOf = ({ fore, back, marks }) =>
  fore || back || marks.length ? ["ansi", fore, back, ...marks.map((mark) => `a${mark}`)].filter(Boolean).join(" ") : "";

// Pieces of a line: [{text, className}], controls already made visible.
export function pieces(line) {
  if (!line.includes("\x1b[")) return [{ text: visible(line), className: "" }];
  const found = [];
  let state = PLAIN;
  let from = 0;
  for (const match of line.matchAll(SGR)) {
    if (match.index > from) found.push({ text: visible(line.slice(from, match.index)), className: classOf(state) });
    state = next(state, match[1]);
    from = match.index + match[0].length;
  }
  if (from < line.length) found.push({ text: visible(line.slice(from)), className: classOf(state) });
  return found;
}
