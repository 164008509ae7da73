// Which part of the log is asked for: lines or a time, in the address too, so that it can be kept.

import { at, root, say } from "./log_page.js";
import { language } from "./strings.js";

const FIELDS = ["tail", "since", "until", "stream"];
const local = (date) => new Date(date - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);

export class Range {
  // `reopen()` is called when something else is asked for.
  constructor(reopen) {
    const asked = new URLSearchParams(location.search);
    this.values = Object.fromEntries(FIELDS.map((name) => [name, asked.get(name) ?? ""]));
    this.reopen = reopen;
    root.addEventListener("change", ({ target }) => this.chosen(target));
    at("apply").addEventListener("click", () => this.between());
    this.show();
  }

  chosen({ name, value }) {
    if (name === "stream") this.change({ stream: value });
    if (name !== "preset") return;
    const [field, wanted] = value.split(/=(.*)/s);
    this.change({ tail: "", since: "", until: "", [field]: wanted });
    at("range-menu").hidePopover();
  }

  between() {
    const [from, to] = [at("from"), at("to")];
    if (!from.reportValidity() || !to.reportValidity()) return;
    if (!from.value && !to.value) return from.focus();
    const iso = (input) => (input.value ? new Date(input.value).toISOString() : "");
    this.change({ tail: from.value ? "" : "all", since: iso(from), until: iso(to) });
    at("range-menu").hidePopover();
  }

  change(values) {
    Object.assign(this.values, values);
    const address = new URL(location.href);
    address.hash = "";
    for (const name of FIELDS) {
      if (this.values[name]) address.searchParams.set(name, this.values[name]);
      else address.searchParams.delete(name);
    }
    history.replaceState(null, "", address);
    this.show();
    this.reopen();
  }

  show() {
    const { tail, since, until, stream } = this.values;
    const preset = since ? `since=${since}` : `tail=${tail}`;
    let chosen = null;
    for (const radio of root.querySelectorAll("[name=preset]")) {
      radio.checked = !until && radio.value === preset;
      if (radio.checked) chosen = radio;
    }
    at("range-text").textContent = chosen?.parentElement.textContent.trim() ?? this.words(since, until);
    for (const radio of root.querySelectorAll("[name=stream]")) radio.checked = radio.value === stream;
    if (/\d{4}-/.test(since)) at("from").value = local(new Date(since));
    if (/\d{4}-/.test(until)) at("to").value = local(new Date(until));
    for (const link of root.querySelectorAll("[data-ranged]")) link.href = this.download(link.dataset.ranged);
  }

  words(since, until) {
    const short = (text) => (/\d{4}-/.test(text) ? new Date(text).toLocaleString(language, { dateStyle: "short", timeStyle: "short" }) : text);
    if (!since && !until) return say("range_lines", { n: this.values.tail });
    return `${short(since) || "…"} – ${short(until) || "…"}`;
  }

  download(address) {
    const url = new URL(address, location.href);
    for (const name of FIELDS) if (this.values[name]) url.searchParams.set(name, this.values[name]);
    if (!this.values.tail && !this.values.since) url.searchParams.set("tail", "1000");
    return url.pathname + url.search;
  }

  /** The ticket's fields; with a place, all from there on. */
  fields(place) {
    this.atPlace = Boolean(place);
    const asked = Object.fromEntries(Object.entries(this.values).filter(([, value]) => value));
    if (!place) return asked;
    const { stream } = asked;
    return { ...(stream && { stream }), since_ns: place.ns.toString() };
  }

  /** How many lines were asked for; 0 where that was not the question. */
  get tail() {
    const { tail, since } = this.values;
    return since || tail === "all" || this.atPlace ? 0 : Number(tail || 1000);
  }

  /** Whether all that is stored was asked for. */
  get whole() {
    return this.values.tail === "all" && !this.values.since;
  }
}
