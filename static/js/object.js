// The page of one object: its parts ([data-refresh]) follow it until it is gone.

const head = document.getElementById("head"); // data-object: its id
const parts = [...document.querySelectorAll("[data-refresh]")];

/** ``ids`` are those that changed; null for everything. */
export function refresh(ids) {
  if (!ids || ids.includes(head.dataset.object)) parts.forEach(fetchInto);
}

/* Say once that it is gone, and leave what is known of it. */
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (!parts.includes(ctx.sourceElement) || ctx.response.status !== 404) return;
  if (!ctx.request.action.endsWith(ctx.sourceElement.dataset.refresh)) return; // it follows another now
  delete ctx.hx.trigger;
  document.getElementById("gone").hidden = false;
  head.querySelector(".r")?.remove();
});

function fetchInto(part) {
  htmx.ajax("GET", part.dataset.refresh, { source: part, target: part, swap: "innerMorph" });
}
