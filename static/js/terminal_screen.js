// One xterm.js as we set it up: colours of the page, safe links, copy, paste that asks, a way out.

import { Terminal } from "../vendor/xterm/xterm.mjs";
import { FitAddon } from "../vendor/xterm/addon-fit.mjs";
import { WebLinksAddon } from "../vendor/xterm/addon-web-links.mjs";

const LINES = 5000;
const LEAVE_MS = 2000;
const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/**
 * xterm makes <style> elements: under our policy they need the nonce of this page. Colours that no
 * class has (24 bit, or put right for their contrast) it writes into style attributes, which the
 * policy forbids, but not to set the same through the element's style.
 */
export function allowStyles(nonce) {
  const create = document.createElement.bind(document);
  document.createElement = (name, ...rest) => {
    const element = create(name, ...rest);
    const kind = String(name).toLowerCase();
    if (kind === "style") element.nonce = nonce;
    if (kind === "span") element.setAttribute = setAttribute;
    return element;
  };
}

function setAttribute(name, value) {
  if (name === "style") this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}

/** Fires: data, binary, resize, focus, paste (text), leave. */
export class Screen extends EventTarget {
  constructor(place, settings) {
    super();
    this.place = place;
    this.quiet = false;
    this.wide = false; // knows how wide characters are; ASCII needs no tables for that
    this.held = null; // what waits for the tables, as [data, done]
    this.terminal = new Terminal({
      allowProposedApi: true, // the width of characters is "proposed"
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
      fontSize: settings.fontSize,
      screenReaderMode: settings.screenReader,
      scrollback: LINES,
      minimumContrastRatio: 4.5,
      linkHandler: { activate: (event, address) => follow(address, settings.askLink) },
      theme: themeOf(place),
    });
    this.fitting = new FitAddon();
    this.terminal.loadAddon(this.fitting);
    this.terminal.loadAddon(new WebLinksAddon((event, address) => follow(address)));
    // Nobody else writes the clipboard: not even a program that asks for it (OSC 52).
    this.terminal.parser.registerOscHandler(52, () => true);
    this.terminal.open(place);
    this.terminal.textarea.setAttribute("aria-label", settings.label);
    this.connect();
  }

  connect() {
    const tell = (name, detail) => this.dispatchEvent(new CustomEvent(name, { detail }));
    // What is shown again after coming back holds questions that were answered the first time.
    this.terminal.onData((data) => this.quiet || tell("data", data));
    this.terminal.onBinary((data) => this.quiet || tell("data", bytesOf(data)));
    this.terminal.onResize((size) => tell("resize", size));
    this.terminal.textarea.addEventListener("focus", () => tell("focus"));
    this.terminal.attachCustomKeyEventHandler((event) => this.allows(event, tell));
    this.place.addEventListener("paste", (event) => {
      event.preventDefault();
      event.stopPropagation();
      tell("paste", clean(event.clipboardData.getData("text/plain")));
    }, true);
    this.watcher = new ResizeObserver(() => this.fit());
    this.watcher.observe(this.place);
  }

  /** Whether the terminal may have this key. */
  allows(event, tell) {
    if (event.type !== "keydown") return true;
    const combined = event.ctrlKey && event.shiftKey && !event.altKey;
    if (combined && event.code === "KeyC") {
      event.preventDefault();
      if (this.terminal.hasSelection()) tell("copy", this.terminal.getSelection());
      return false;
    }
    if (combined && event.code === "KeyV") return false; // the browser's own: a paste event comes
    if (event.key === "Tab" && event.timeStamp - this.escaped < LEAVE_MS) {
      event.preventDefault();
      tell("leave", event.shiftKey);
      return false;
    }
    this.escaped = event.key === "Escape" ? event.timeStamp : -Infinity;
    return true;
  }

  /** Bytes in their order; ``done`` once they are shown. The first that are not ASCII wait for the tables. */
  write(data, done) {
    if (this.held) return void this.held.push([data, done]);
    if (this.wide || isAscii(data)) return this.terminal.write(data, done);
    this.held = [[data, done]];
    this.learnWidths();
  }

  async learnWidths() {
    const tables = await import("../vendor/xterm/addon-unicode11.mjs").catch(() => null); // then as well as can be
    if (this.disposed) return;
    if (tables) {
      this.terminal.loadAddon(new tables.Unicode11Addon());
      this.terminal.unicode.activeVersion = "11";
      this.wide = true;
    }
    const { held } = this;
    this.held = null;
    for (const [data, done] of held) this.terminal.write(data, done);
  }

  /** An empty terminal; what waits was of the old one. */
  reset() {
    for (const [, done] of this.held?.splice(0) ?? []) done();
    this.terminal.reset();
  }

  fit() {
    if (this.place.offsetParent) this.fitting.fit();
  }

  dress() {
    this.terminal.options.theme = themeOf(this.place);
  }

  dispose() {
    this.disposed = true;
    this.watcher.disconnect();
    this.terminal.dispose();
  }
}

export function themeOf(place) {
  const probe = document.createElement("i");
  place.append(probe);
  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const theme = {
    background: colour("--console"),
    foreground: colour("--text"),
    cursor: colour("--accent"),
    cursorAccent: colour("--console"),
    selectionBackground: colour("--t-select"),
  };
  NAMES.forEach((name, index) => {
    theme[name] = colour(`--t${index}`);
    theme[`bright${name[0].toUpperCase()}${name.slice(1)}`] = colour(`--t${index + 8}`);
  });
  probe.remove();
  return theme;
}

function follow(address, ask = () => true) {
  if (/^https?:\/\//i.test(address) && ask(address)) open(address, "_blank", "noopener,noreferrer");
}

/** Pasted text must not bring keys along: no escape that ends a bracketed paste, no control. */
const clean = (text) => text.replace(/\r\n/g, "\n").replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]/g, "");

function isAscii(bytes) {
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] > 127) return false;
  return true;
}

const bytesOf = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
