// The page of one object: its parts ([data-refresh]) follow it until it is gone.

import { Changed } from "./list.js";

/* ``id`` stands in #head's data-object; ``event`` says which ids changed. */
export function followObject(event) {
  const head = document.getElementById("head");
  const parts = [...document.querySelectorAll("[data-refresh]")];
  if (!head) return;
  const refresh = (ids) => {
    if (!ids || ids.includes(head.dataset.object)) parts.forEach(fetchInto);
  };
  new Changed(event, refresh).listen();
  /* Say once that it is gone, and leave what is known of it. */
  document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
    if (!parts.includes(ctx.sourceElement) || ctx.response.status !== 404) return;
    if (!ctx.request.action.endsWith(ctx.sourceElement.dataset.refresh)) return; // it follows another now
    delete ctx.hx.trigger;
    document.getElementById("gone").hidden = false;
    head.querySelector(".r")?.remove();
  });
}

function fetchInto(part) {
  htmx.ajax("GET", part.dataset.refresh, { source: part, target: part, swap: "innerMorph" });
}
