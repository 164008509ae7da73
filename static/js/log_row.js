// One row of the log as elements: number, time, container, message, and what unfolds from it.

import { body } from "./log_body.js";
import { clockOf, levelOf, Note, timeOf } from "./log_line.js";
import { language } from "./strings.js";

const LONGEST = 65_536; // characters shown before "show the whole line"

/**
 * `look` is what rows depend on beside their line: `marked(line)`, `current`, `marks(line)`,
 * `names` (of the containers; empty for one alone), `say(word, values)`, `link(line)`, and
 * `folds(line)`: whether it is folded into the stack trace above.
 */
export function rowOf(item, look) {
  if (item instanceof Note) return noteOf(item);
  const row = element("div", classesOf(item, look));
  row.line = item;
  row.hidden = look.folds(item);
  row.tabIndex = -1;
  row.append(number(item, look), time(item));
  if (look.names.length) row.append(element("span", `src s${item.source % 8}`, look.names[item.source] ?? "?"));
  row.append(message(item, look));
  return row;
}

function classesOf(line, look) {
  const classes = ["l"];
  if (line.stream === 2) classes.push("e");
  if (levelOf(line) === "error") classes.push("err");
  if (line.head) classes.push("cont");
  if (look.marked(line)) classes.push("hit");
  if (line === look.current) classes.push("now");
  return classes.join(" ");
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function noteOf(note) {
  const row = element("div", `l-divider ${note.kind}`.trim());
  row.append(element("span", "", note.text));
  if (note.action) {
    const link = element("a", "link", note.action.text);
    link.href = note.action.url;
    if (note.action.follow) link.dataset.follow = note.action.follow;
    row.append(link);
  }
  return row;
}

function number(line, look) {
  const link = element("a", "ln", String(line.n));
  link.href = look.link(line);
  link.tabIndex = -1;
  return link;
}

function time(line) {
  const shown = element("time", "", line.high || line.low ? clockOf(line) : "");
  if (line.high || line.low) shown.dateTime = timeOf(line).toISOString();
  return shown;
}

function message(line, look) {
  const cell = element("span", "m");
  if (looksLikeJson(line)) cell.append(opener("json", Boolean(line.open), look));
  else if (line.tail) cell.append(opener("trace", !line.folded, look));
  const cut = line.text.length > LONGEST && !line.whole;
  cell.append(body(cut ? line.text.slice(0, LONGEST) : line.text, look.marks(line)));
  if (cut) cell.append(wholeButton(line, look));
  if (line.tail && line.folded) cell.append(element("span", "more", look.say("folded", { n: line.tail.toLocaleString(language) })));
  if (line.open) cell.append(line.open);
  return cell;
}

function opener(what, open, look) {
  const button = element("button", "un");
  button.type = "button";
  button.tabIndex = -1;
  button.dataset.unfold = what;
  button.setAttribute("aria-expanded", String(open));
  button.setAttribute("aria-label", look.say(what === "json" ? "unfold_json" : "unfold_trace"));
  return button;
}

function wholeButton(line, look) {
  const button = element("button", "btn s", look.say("whole_line", { n: line.text.length.toLocaleString(language) }));
  button.type = "button";
  button.tabIndex = -1;
  button.dataset.unfold = "whole";
  return button;
}

/** Cheap: whether it is worth trying to unfold. */
export function looksLikeJson({ text }) {
  return text.length > 6 && /^\s*\{\s*"/.test(text.slice(0, 40)) && /\}\s*$/.test(text.slice(-20));
}
