// The terminal page: up to four terminals in tabs, what they say, and how they begin and end.

import { csrfToken } from "./strings.js";
import { Notices } from "./terminal_notices.js";
import { toast } from "./toasts.js";
import { Screen, allowStyles } from "./terminal_screen.js";
import { TerminalSocket } from "./terminal_socket.js";

const MOST_PASTE = 512 * 1024;
const KEYS = { esc: "\x1b", tab: "\t", interrupt: "\x03", eof: "\x04", up: "\x1b[A", down: "\x1b[B" };
const root = document.getElementById("terminals");
const MOST = Number(root.dataset.most);
const words = JSON.parse(document.getElementById("terminal-words").textContent);
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const address = root.dataset.socket.replace(/^/, location.origin.replace(/^http/, "ws"));
const settings = {
  fontSize: Number(localStorage.getItem("terminal-font")) || 14,
  screenReader: localStorage.getItem("terminal-reader") === "yes",
  askLink: (link) => confirm(say("link", { link })),
};
const tabs = [];
let current = null, count = 0;

class Tab {
  constructor(fields) {
    this.number = ++count;
    this.fields = fields;
    this.state = ["idle", say("connecting")];
    this.build();
    this.socket = new TerminalSocket(root.dataset.ticket, address, csrfToken());
    this.listen();
    this.name(fields.shell || "");
  }

  build() {
    this.button = document.createElement("button");
    Object.assign(this.button, { type: "button", id: `tab-${this.number}` });
    this.button.setAttribute("role", "tab");
    this.button.setAttribute("aria-controls", `panel-${this.number}`);
    this.button.addEventListener("click", () => { show(this); this.screen.terminal.focus(); });
    this.panel = document.createElement("div");
    Object.assign(this.panel, { className: "tpanel", id: `panel-${this.number}` });
    this.panel.setAttribute("role", "tabpanel");
    this.panel.setAttribute("aria-labelledby", this.button.id);
    this.place = document.createElement("div");
    this.place.className = "tscreen";
    this.foot = document.createElement("div");
    this.foot.className = "tend";
    this.foot.hidden = true;
    this.panel.append(this.place, this.foot);
    part("tabs").append(this.button);
    part("panels").append(this.panel);
    show(this);
    const label = say("label", { number: this.number, container: root.dataset.name });
    this.screen = new Screen(this.place, { ...settings, label });
  }

  listen() {
    const { socket, screen } = this;
    this.notices = new Notices(part("notices"), socket, say);
    screen.addEventListener("data", ({ detail }) => socket.type(detail));
    screen.addEventListener("resize", ({ detail }) => socket.resize(detail.cols, detail.rows));
    // The one who looks at it decides its size, when several browsers show it.
    screen.addEventListener("focus", () => socket.resize(screen.terminal.cols, screen.terminal.rows));
    screen.addEventListener("copy", ({ detail }) => copy(detail));
    screen.addEventListener("paste", ({ detail }) => this.paste(detail));
    screen.addEventListener("leave", ({ detail }) => leave(detail));
    socket.addEventListener("output", ({ detail }) => this.output(detail));
    socket.addEventListener("started", ({ detail }) => this.started(detail));
    socket.addEventListener("skipped", () => this.again(say("skipped")));
    socket.addEventListener("warning", ({ detail }) => toast("warn", detail.reason));
    socket.addEventListener("waiting", ({ detail }) => this.be("warn", say("waiting", detail)));
    for (const event of ["exited", "ended"]) {
      socket.addEventListener(event, ({ detail }) => this.ended(detail));
    }
  }

  open() {
    this.screen.fit();
    const { cols, rows } = this.screen.terminal;
    this.be("idle", say("connecting"));
    this.socket.open({ ...this.fields, cols, rows });
  }

  started(news) {
    if (!news.resumed) this.screen.reset();
    this.forgetSession();
    this.quietUntil = news.resumed ? 0 : news.replayed;
    this.screen.quiet = this.quietUntil > news.position;
    this.name(news.shell);
    this.be("ok", say("connected"));
    this.socket.resize(this.screen.terminal.cols, this.screen.terminal.rows);
    part("end").disabled = false;
  }

  output({ data, done }) {
    const upTo = this.socket.position;
    this.screen.write(data, () => {
      done();
      if (this.screen.quiet && upTo >= this.quietUntil) this.screen.quiet = false;
    });
  }

  again(words) {
    this.screen.reset();
    toast("warn", words);
  }

  /** "Start again" starts a new one like it. */
  forgetSession() {
    const { session, shell, ...fields } = this.fields;
    this.fields = fields;
  }

  ended({ reason, code, final }) {
    this.forgetSession();
    const again = document.createElement("button"), text = document.createElement("p");
    Object.assign(again, { type: "button", className: "btn p", textContent: say("start_again") });
    again.addEventListener("click", () => this.restart());
    text.textContent = reason || say("unreachable", { code });
    text.setAttribute("role", "status");
    this.foot.replaceChildren(text, ...(final ? [] : [again]));
    this.foot.hidden = false;
    this.button.classList.add("over");
    this.be("idle", say("ended"));
    if (this.place.contains(document.activeElement)) (final ? this.button : again).focus();
  }

  restart() {
    this.foot.hidden = true;
    this.button.classList.remove("over");
    this.screen.quiet = false;
    this.open();
    this.screen.terminal.focus();
  }

  paste(text) {
    const kilobytes = Math.ceil(new Blob([text]).size / 1024);
    if (kilobytes * 1024 > MOST_PASTE) return toast("bad", say("paste_big", { size: kilobytes }));
    const lines = text.split("\n").length;
    if (lines > 1) askToPaste(text, lines, () => this.screen.terminal.paste(text));
    else this.screen.terminal.paste(text);
  }

  name(shell) {
    this.button.title = this.button.textContent = say("tab", { shell: shell || say("new"), number: this.number });
  }

  be(level, sentence) {
    this.state = [level, sentence];
    if (current === this) showState();
  }

  /** End the shell on the server, if there is one, and take the tab away. */
  async end() {
    const { session, over } = this.socket;
    this.socket.close();
    this.remove();
    if (!session || over) return;
    const answer = await fetch(`${root.dataset.base}${session}/end/`, {
      method: "POST",
      headers: { "X-CSRFToken": csrfToken() },
    });
    if (!answer.ok && answer.status !== 404) toast("bad", (await answer.text()).trim());
  }

  remove() {
    tabs.splice(tabs.indexOf(this), 1);
    this.screen.dispose();
    this.panel.remove();
    this.button.remove();
    current = null;
    if (tabs.length) show(tabs.at(-1));
    else showNone();
  }
}

function add(fields) {
  if (tabs.length >= MOST) return MOST === 1 && !tabs[0].foot.hidden ? tabs[0].restart() : toast("warn", say("most"));
  const tab = new Tab(fields);
  tabs.push(tab);
  tab.open();
  tab.screen.terminal.focus();
}

function show(tab) {
  current = tab;
  part("none").hidden = true;
  part("tabs").hidden = false;
  part("end").disabled = false;
  for (const other of new Set([...tabs, tab])) {
    other.panel.hidden = other !== tab;
    other.button.setAttribute("aria-selected", String(other === tab));
    other.button.tabIndex = other === tab ? 0 : -1;
  }
  showState();
}

function showState() {
  current.notices?.show();
  const [level, sentence] = current.state;
  const chip = part("state");
  chip.hidden = false;
  chip.className = `chip ${level}`;
  const dot = document.createElement("span");
  dot.className = `dot ${level}`;
  chip.replaceChildren(dot, sentence);
}

function showNone() {
  part("none").hidden = false;
  part("tabs").hidden = true;
  part("state").hidden = true;
  part("end").disabled = true;
  part("new").focus();
}

function askToPaste(text, lines, paste) {
  const dialog = document.getElementById("terminal-paste");
  part("paste-count").textContent = say("paste_lines", { count: lines });
  part("paste-text").textContent = text;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "paste") paste();
    current?.screen.terminal.focus();
  }, { once: true });
  dialog.showModal();
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("ok", say("copied"));
  } catch {
    toast("bad", say("copy_failed"));
  }
}

function leave(backwards) {
  if (backwards) return current.button.focus();
  const after = [...part("keys").querySelectorAll("button")].find((button) => button.offsetParent);
  (after || part("end")).focus();
}

function setFont(step) {
  settings.fontSize = Math.max(9, Math.min(28, settings.fontSize + step));
  localStorage.setItem("terminal-font", settings.fontSize);
  for (const tab of tabs) {
    tab.screen.terminal.options.fontSize = settings.fontSize;
    tab.screen.fit();
  }
}

function setReader(on) {
  settings.screenReader = on;
  localStorage.setItem("terminal-reader", on ? "yes" : "no");
  part("reader").setAttribute("aria-pressed", String(on));
  for (const tab of tabs) tab.screen.terminal.options.screenReaderMode = on;
}

function walkTabs(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step || !current) return;
  show(tabs[(tabs.indexOf(current) + step + tabs.length) % tabs.length]);
  current.button.focus();
}

function startWithOptions(event) {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(event.target));
  document.getElementById("terminal-options").close();
  add(fields);
}

allowStyles(root.dataset.nonce);
part("new").addEventListener("click", () => add({}));
part("end").addEventListener("click", () => current?.end());
part("smaller").addEventListener("click", () => setFont(-1));
part("larger").addEventListener("click", () => setFont(1));
part("reader").addEventListener("click", () => setReader(!settings.screenReader));
part("tabs").addEventListener("keydown", walkTabs);
part("options")?.addEventListener("submit", startWithOptions);
part("keys").addEventListener("click", ({ target }) => {
  const key = target.closest("[data-send]")?.dataset.send;
  if (key) current?.socket.type(KEYS[key]);
  current?.screen.terminal.focus();
});
setReader(settings.screenReader);
const dress = () => tabs.forEach((tab) => tab.screen.dress());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);
new MutationObserver(dress).observe(document.documentElement, { attributeFilter: ["data-theme"] });

const open = JSON.parse(document.getElementById("terminal-sessions").textContent);
const wanted = new URLSearchParams(location.search).get("session");
open.sort((a, b) => (a.session === wanted) - (b.session === wanted)); // the last one is shown
for (const session of open.slice(-MOST)) add(session);
if (!open.length && root.dataset.running) add({});
