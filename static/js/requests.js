// What every htmx request shares: errors become one toast, chips say what is under way.

import { text } from "./strings.js";
import { toast, toastOf } from "./toasts.js";

document.addEventListener("htmx:error", ({ detail }) => {
  unheard(detail.ctx);
  const late = detail.ctx?.request?.signal?.reason === "timeout";
  if (detail.ctx?.response) console.error(detail.error);
  else toastOf(detail.ctx?.sourceElement, "bad", text(late ? "timeout_error" : "network_error"));
});

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (ctx.response.status < 500) return;
  unheard(ctx);
  if (ctx.hx.trigger?.includes('"toast"')) return;
  toastOf(ctx.sourceElement, "bad", text("server_error", { status: ctx.response.status }), {
    status: ctx.response.status,
    request_id: ctx.response.headers.get("X-Request-ID"),
  });
});

/* What a page asks for by itself and does not get: its place says so, and waits no longer. */
function unheard(ctx) {
  const parts = ctx?.sourceElement?.querySelectorAll?.(".waiting, .unheard") ?? [];
  for (const part of parts) part.hidden = part.matches(".waiting");
}

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

/* data-pending="Stopping…": the chips of what is acted on say so until the answer comes. */
document.addEventListener("htmx:before:request", async ({ detail: { ctx } }) => {
  if (!ctx.sourceElement.dataset.pending) return;
  const { begin } = await import("./pending.js").catch(() => ({}));
  begin?.(ctx);
});
