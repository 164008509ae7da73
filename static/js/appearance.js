// Theme, density and shortcuts: seen at once, kept on the server so that the next page is right.

import { csrfToken, text } from "./strings.js";
import { toast } from "./toasts.js";

const root = document.documentElement;

/** ``target`` is the control that was changed. */
export async function take(target) {
  if (target.name === "theme") root.dataset.theme = target.value;
  if (target.name === "density") root.dataset.density = target.value;
  if (target.name === "shortcuts") shortcuts(target.checked);
  const body = new URLSearchParams([[target.name, target.type === "checkbox" && !target.checked ? "" : target.value]]);
  const headers = { "X-CSRFToken": csrfToken(), "HX-Request": "true" };
  const answer = await fetch(target.form.action, { method: "POST", body, headers }).catch(() => toast("bad", text("network_error")));
  if (target.name === "language" && answer?.ok) location.reload();
}

function shortcuts(on) {
  document.body.dataset.shortcuts = on ? "on" : "off";
  toast("ok", text(on ? "keys_on" : "keys_off"));
}
