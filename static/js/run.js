// The run form: its lists as rows (the text areas below stay what is sent), and one press, one run.

import { variables } from "./dotenv.js";

const PORT = /^(?:(?:(\[[^\]]*\]|[^:]*):)?([\d-]*):)?(\d+(?:-\d+)?)(?:\/(\w+))?$/;
const PAIR = /^\s*([^=]+)=(.*)$/;

const pair = {
  read: (line) => {
    const [, name, value] = PAIR.exec(line) ?? [];
    return name && { name, value };
  },
  write: ({ name, value }) => (name || value ? `${name}=${value}` : ""),
};

// How a line of each list is cut into the inputs of its row; what cannot be cut stays one text.
const kinds = {
  publish: {
    read: (line) => {
      const [, ip = "", host = "", port, protocol = ""] = PORT.exec(line.trim()) ?? [];
      return port && { ip, host, port, protocol: protocol === "tcp" ? "" : protocol };
    },
    write: ({ ip, host, port, protocol }) => {
      const places = ip ? [ip, host, port] : host ? [host, port] : [port];
      return ip || host || port ? places.join(":") + (protocol && `/${protocol}`) : "";
    },
  },
  volume: {
    read: (line) => {
      const [source, target, mode = "", ...more] = line.trim().split(":");
      if (target === undefined) return source && { source: "", target: source, readonly: false };
      return !more.length && ["", "ro", "rw"].includes(mode) && { source, target, readonly: mode === "ro" };
    },
    write: ({ source, target, readonly }) => {
      const places = [source, target].filter(Boolean).join(":");
      return places && places + (readonly ? ":ro" : "");
    },
  },
  env: pair,
  label: pair,
  unknown: { read: (text) => ({ text }) },
};

// What a line is about: a port of the container, a path in it, a variable's name.
const subjects = {
  publish: ({ port, protocol }) => `${port}/${protocol}`,
  volume: ({ target }) => target,
  env: ({ name }) => name,
};

function subjectOf(name, line) {
  const values = kinds[name].read(line);
  return values ? subjects[name](values) : line;
}

const part = (row, name) => row.querySelector(`[data-part="${name}"]`);
const copyOf = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

function textOf(row, kind) {
  const whole = part(row, "text");
  if (whole) return whole.value;
  const values = {};
  for (const input of row.querySelectorAll("[data-part]")) {
    values[input.dataset.part] = input.type === "checkbox" ? input.checked : input.value.trimStart();
  }
  return kind.write(values);
}

function rowOf(name, line) {
  const values = line === "" ? {} : kinds[name].read(line);
  const row = copyOf(values ? `row-${name}` : "row-text");
  for (const [key, value] of Object.entries(values || { text: line })) {
    const input = part(row, key);
    if (input.type === "checkbox") input.checked = value;
    else input.value = value;
  }
  return row;
}

class Rows {
  constructor(area) {
    this.area = area;
    this.name = area.dataset.rows;
    this.tools = copyOf("row-tools");
    this.lines = this.tools.querySelector("[data-lines]");
    area.after(this.tools);
    this.label = area.closest(".ff").querySelector("label");
    this.tools.setAttribute("role", "group");
    this.tools.setAttribute("aria-label", this.label.firstChild.textContent.trim());
    this.tools.addEventListener("click", (event) => this.pressed(event));
    this.tools.addEventListener("input", () => this.save());
    this.tools.addEventListener("change", () => this.save());
    this.lines.addEventListener("paste", (event) => this.pasted(event));
    this.lines.addEventListener("keydown", (event) => this.key(event));
    this.show(false);
  }

  get asText() {
    return !this.area.hidden;
  }

  show(asText) {
    if (!asText) this.lines.replaceChildren(...this.shown().map((line) => rowOf(this.name, line)));
    this.area.hidden = !asText;
    this.lines.hidden = asText;
    this.tools.querySelector("[data-add]").hidden = asText || this.name === "unknown";
    this.tools.querySelector("[data-as-text]").setAttribute("aria-pressed", String(asText));
  }

  shown() {
    return this.area.value.split("\n").filter((line) => line.trim());
  }

  save() {
    const lines = [...this.lines.children].map((row) => textOf(row, kinds[this.name]));
    this.area.value = lines.filter(Boolean).join("\n");
    this.mark();
  }

  // A tick says whether some line is about what the image offers.
  mark() {
    const said = new Set(this.shown().map((line) => subjects[this.name] && subjectOf(this.name, line)));
    for (const tick of document.querySelectorAll(`[data-offer="${this.name}"]`)) {
      tick.removeAttribute("name"); // the lines are what is sent
      tick.checked = said.has(subjectOf(this.name, tick.dataset.line));
    }
  }

  add(line = "", before = null) {
    const row = rowOf(this.name, line);
    this.lines.insertBefore(row, before);
    return row;
  }

  // A line that the image offers, once; where a name is missing (a volume's) it is asked for next.
  take(line) {
    this.area.value = [...this.shown().filter((other) => other !== line), line].join("\n");
    this.show(this.asText);
    this.changed();
    const inputs = [...(this.lines.lastElementChild?.querySelectorAll("input[data-part]") ?? [])];
    if (!this.asText) (inputs.find((input) => !input.value && input.dataset.part !== "ip") ?? inputs[0])?.focus();
  }

  leave(line) {
    const subject = subjectOf(this.name, line);
    this.area.value = this.shown().filter((other) => subjectOf(this.name, other) !== subject).join("\n");
    this.show(this.asText);
    this.changed();
  }

  changed() {
    this.mark();
    this.area.dispatchEvent(new Event("change", { bubbles: true }));
  }

  pressed(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.matches("[data-add]")) this.add().querySelector("input").focus();
    if (button.matches("[data-as-text]")) this.show(!this.asText);
    if (button.matches("[data-gone]")) this.remove(button.closest(".line"));
  }

  remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (next?.querySelector("input") ?? this.tools.querySelector("[data-add]")).focus();
    this.save();
    this.changed();
  }

  // Several lines pasted into one input (a .env file) become a row each.
  pasted(event) {
    const lines = event.clipboardData.getData("text").split(/\r?\n/).filter((line) => line.trim());
    if (lines.length < 2) return;
    event.preventDefault();
    const row = event.target.closest(".line");
    const plain = this.name === "env" ? variables(lines.join("\n")) : lines.filter((line) => !line.startsWith("#"));
    const fresh = plain.map((line) => this.add(line, row));
    if (!textOf(row, kinds[this.name])) row.remove();
    fresh.at(-1)?.querySelector("input").focus();
    this.save();
    this.changed();
  }

  key(event) {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    this.add("", event.target.closest(".line").nextSibling).querySelector("input").focus();
  }
}

function prepare() {
  const form = document.getElementById("run-form");
  if (!form || form.dataset.ready) return;
  form.dataset.ready = "yes";
  document.getElementById("run-image")?.setAttribute("list", "run-images");
  const lists = new Map();
  for (const area of form.querySelectorAll("[data-rows]")) lists.set(area.dataset.rows, new Rows(area));
  form.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-offer]")) return;
    const list = lists.get(target.dataset.offer);
    if (target.checked) list.take(target.dataset.line);
    else list.leave(target.dataset.line);
  });
  const mark = () => lists.forEach((list) => list.mark());
  form.addEventListener("htmx:after:swap", mark); // another image offers other things
  mark();
  form.addEventListener("submit", () => form.querySelector("aside .btn.p").setAttribute("aria-disabled", "true"));
}

// Twice pressed is once run: the second press of a button that says it is off does nothing.
document.addEventListener("click", (event) => {
  if (event.target.closest('[data-run] [aria-disabled="true"]')) event.preventDefault();
});

addEventListener("pageshow", () => document.querySelector("[data-run] [aria-disabled]")?.removeAttribute("aria-disabled"));
document.body.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  prepare();
  // The filled form is here; what else comes leaves the box open to whoever is at it.
  const paste = document.querySelector(".paste");
  if (paste && ctx.target?.id === "run") paste.open = false;
});
prepare();
