// An xterm.js that only shows: nothing is typed, no question of a program is answered, no link
// opens, no clipboard is written, no title changes. Its size is the recorded one.

import { Terminal } from "../vendor/xterm/xterm.mjs";
import { Unicode11Addon } from "../vendor/xterm/addon-unicode11.mjs";
import { themeOf } from "./terminal_screen.js";

const LINES = 5000;
const LARGEST = 15, SMALLEST = 6;
const WIDTH = 0.605; // of a letter, in parts of its size

export class RecordedScreen {
  constructor(place, label) {
    this.place = place;
    this.terminal = new Terminal({
      allowProposedApi: true, // the width of characters is "proposed"
      cursorBlink: false,
      disableStdin: true,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
      fontSize: LARGEST,
      linkHandler: { activate: () => {} },
      minimumContrastRatio: 4.5,
      screenReaderMode: localStorage.getItem("terminal-reader") === "yes",
      scrollback: LINES,
      theme: themeOf(place),
    });
    this.terminal.loadAddon(new Unicode11Addon());
    this.terminal.unicode.activeVersion = "11";
    this.terminal.parser.registerOscHandler(52, () => true);
    this.terminal.attachCustomKeyEventHandler(() => false); // keys are the page's
    this.terminal.open(place);
    this.terminal.textarea.setAttribute("aria-label", label);
    this.terminal.textarea.readOnly = true;
    new ResizeObserver(() => this.fit()).observe(place);
    const dress = () => { this.terminal.options.theme = themeOf(place); };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);
    new MutationObserver(dress).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  resize(cols, rows) {
    if (cols !== this.terminal.cols || rows !== this.terminal.rows) this.terminal.resize(cols, rows);
    this.fit();
  }

  /** Letters as small as the recorded width asks for; below that one scrolls. */
  fit() {
    const room = this.place.clientWidth - 30;
    const size = Math.floor((room / (this.terminal.cols * WIDTH)) * 2) / 2;
    const wanted = Math.max(SMALLEST, Math.min(LARGEST, size));
    if (wanted !== this.terminal.options.fontSize) this.terminal.options.fontSize = wanted;
  }

  write(data) {
    return new Promise((done) => this.terminal.write(data, done));
  }

  /** Select the last place where the words stand, from the bottom up. */
  mark(words) {
    const buffer = this.terminal.buffer.active, wanted = words.toLowerCase();
    this.terminal.clearSelection();
    for (let row = buffer.length - 1; row >= 0; row--) {
      const line = buffer.getLine(row)?.translateToString(true).toLowerCase() ?? "";
      const at = line.lastIndexOf(wanted);
      if (at < 0) continue;
      this.terminal.select(at, row, words.length);
      this.terminal.scrollToLine(Math.max(0, row - Math.floor(this.terminal.rows / 2)));
      return;
    }
  }
}
