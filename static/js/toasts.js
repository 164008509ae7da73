// Messages at the bottom left: one line each, kept in the bell's list of this tab.

import { text } from "./strings.js";

const SHOWN_MS = 6000;
const OFFERED_MS = 10_000; // what can be undone
const MOST_KEPT = 50;
const KEY = "wharfinger-messages";

const box = document.getElementById("toasts");
const template = document.getElementById("toast-template");

/**
 * Show a message. level: ok, info, warn or bad; what is bad stays until it is closed.
 * detail is an object of what else is known (command_line, request_id, url, action).
 */
export function toast(level, message, detail = {}) {
  const node = template.content.firstElementChild.cloneNode(true);
  node.classList.add(level);
  node.setAttribute("role", level === "bad" ? "alert" : "status");
  node.querySelector("p").textContent = message;
  if (detail.command_line) showLine(node, detail.command_line);
  if (detail.meaning) node.append(meant(detail.meaning));
  if (detail.url && !detail.fields) linkTo(node.querySelector("a"), detail);
  if (level === "bad") offerDetails(node, message, detail);
  else leaveLater(node, detail.fields ? OFFERED_MS : SHOWN_MS);
  box.append(node);
  if (detail.fields) import("./undo.js").then(({ offer }) => offer(node, detail));
  raise();
  keep({ ...detail, level, message, at: new Date().toISOString() });
  return node;
}

/* The equal command, with the button that copies it. */
function showLine(node, line) {
  node.querySelector("p").append(codeOf(line));
  node.querySelector("[data-copy]").replaceWith(copyButton(line));
}

export function codeOf(line) {
  const code = document.createElement("code");
  code.textContent = line;
  return code;
}

function meant(sentence) {
  const below = document.createElement("small");
  below.className = "meant";
  below.textContent = sentence;
  return below;
}

function linkTo(link, detail) {
  link.href = detail.url;
  link.textContent = detail.action || detail.url;
  link.hidden = false;
}

function offerDetails(node, message, detail) {
  const button = node.querySelector("[data-copy-details]");
  button.hidden = false;
  button.addEventListener("click", () => navigator.clipboard?.writeText(detailsOf({ ...detail, message })));
}

/** All that is known of a message, to be copied. */
export function detailsOf({ message, meaning, status, request_id, command_line, at }) {
  const lines = [message, meaning, status && `HTTP ${status}`, request_id && text("request", { id: request_id }), command_line, at];
  return lines.filter(Boolean).join("\n");
}

function leaveLater(node, after = SHOWN_MS) {
  let timer = setTimeout(remove, after, node);
  const hold = () => clearTimeout(timer);
  const resume = () => {
    clearTimeout(timer);
    timer = setTimeout(remove, after, node);
  };
  node.addEventListener("pointerenter", hold);
  node.addEventListener("focusin", hold);
  node.addEventListener("pointerleave", resume);
  node.addEventListener("focusout", resume);
}

export function remove(node) {
  node.remove();
  if (!box.childElementCount && box.matches(":popover-open")) box.hidePopover();
}

// A modal dialog hides everything below the top layer, so the box joins that layer, last.
function raise() {
  if (!box.showPopover) return;
  if (box.matches(":popover-open")) box.hidePopover();
  box.showPopover();
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) || [];
  } catch {
    return [];
  }
}

function keep(message) {
  sessionStorage.setItem(KEY, JSON.stringify([message, ...kept()].slice(0, MOST_KEPT)));
}

/** Copies the line of a change. */
export function copyButton(line) {
  const button = template.content.querySelector("[data-copy]").cloneNode(true);
  button.dataset.copy = line;
  button.hidden = false;
  return button;
}

box.addEventListener("click", ({ target }) => {
  if (target.closest("[data-close-toast]")) remove(target.closest(".toast"));
});

/* What a page asks by itself fails again and again: that is told once, for as long as it stands. */
function repeats(level, message, source) {
  const asked = source?.matches?.("a, button, form, input, select, textarea");
  const shown = [...box.querySelectorAll(".toast.bad > p")].map((words) => words.firstChild?.textContent);
  return level === "bad" && !asked && shown.includes(message);
}

/** As `toast`, about what `source` asked for. */
export function toastOf(source, level, message, detail = {}) {
  if (!repeats(level, message, source)) toast(level, message, detail);
}

document.addEventListener("toast", (event) => {
  const { level = "info", message = "", ...detail } = event.detail;
  toastOf(event.target, level, message, detail);
});
document.getElementById("bell")?.addEventListener("beforetoggle", (event) => {
  if (event.newState === "open") import("./bell.js").then(({ fill }) => fill(document.getElementById("bell-list"), kept()));
});
// Those that came with the page are its news, too.
for (const node of box.querySelectorAll(".toast")) {
  const command_line = node.querySelector("code")?.textContent;
  const level = ["ok", "warn", "bad"].find((name) => node.classList.contains(name)) ?? "info";
  const link = node.querySelector("p a");
  const message = node.querySelector("p").firstChild.textContent.trim();
  keep({ level, message, command_line, url: link?.href, action: link?.textContent, at: new Date().toISOString() });
  leaveLater(node);
}
