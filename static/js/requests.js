// What every htmx request shares: errors become one toast, a chip says what is under way.

import { text } from "./strings.js";
import { toast } from "./toasts.js";

document.addEventListener("htmx:error", ({ detail }) => {
  undo(detail.ctx?.sourceElement);
  const late = detail.ctx?.request?.signal?.reason === "timeout";
  if (detail.ctx?.response) console.error(detail.error);
  else toast("bad", text(late ? "timeout_error" : "network_error"));
});

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  undo(ctx.sourceElement);
  if (ctx.response.status < 500 || ctx.hx.trigger?.includes('"toast"')) return;
  toast("bad", text("server_error", { status: ctx.response.status }), {
    status: ctx.response.status,
    request_id: ctx.response.headers.get("X-Request-ID"),
  });
});

/** Whether an answer asks first who one is. */
export function wantsStepUp(answer) {
  return answer.status === 403 && answer.headers.get("X-Step-Up") === "needed";
}

document.addEventListener("htmx:after:request", async ({ detail: { ctx } }) => {
  if (!ctx.response || !wantsStepUp(ctx.response.raw ?? ctx.response)) return;
  const question = await import("./step_up.js").catch(() => null);
  if (question) question.repeat(ctx);
  else toast("bad", text("network_error"));
});

// A source that the answer removed from the page can no longer bubble its HX-Trigger events.
document.addEventListener("htmx:after:swap", ({ target, detail: { ctx } }) => {
  if (ctx.sourceElement && !ctx.sourceElement.isConnected) ctx.sourceElement = document.body;
});

/* An empty hx-get or hx-post asks what the control does without scripts: its href or formaction. */
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const { sourceElement: control, request } = ctx;
  request.action ||= control.getAttribute("formaction") ?? control.getAttribute("href") ?? "";
});

/* data-pending="Stopping…": the row's chip says so until the answer comes, through every refresh. */
const before = new WeakMap();
const pending = new Map(); // element → { words, row: id of its row, if any }

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const control = ctx.sourceElement;
  const words = control.dataset.pending;
  const row = control.closest("[data-row]")?.id || control.dataset.about;
  const chip = words && chipOf(row);
  if (!chip) return;
  before.set(control, { chip, nodes: [...chip.childNodes], css: chip.className });
  pending.set(control, { words, row });
  say(chip, words);
});

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => pending.delete(ctx.sourceElement));
document.addEventListener("htmx:after:swap", () => {
  for (const { words, row } of pending.values()) {
    const chip = chipOf(row);
    if (chip && !chip.querySelector(".pulse")) say(chip, words);
  }
});

function say(chip, words) {
  const dot = document.createElement("span");
  dot.className = "dot warn pulse";
  chip.className = "chip warn";
  chip.replaceChildren(dot, words);
}

function chipOf(row) {
  return (document.getElementById(row) || document.querySelector("main")).querySelector("[data-state]");
}

function undo(element) {
  pending.delete(element);
  const old = element && before.get(element);
  if (!old) return;
  old.chip.className = old.css;
  old.chip.replaceChildren(...old.nodes);
  before.delete(element);
}
