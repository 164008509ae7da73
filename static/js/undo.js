// The button of a message that sends what undoes the change: an answer comes as for any other.

import { remove } from "./toasts.js";

export function offer(node, { url, action, fields }) {
  const form = document.createElement("form");
  form.setAttribute("hx-post", url);
  form.setAttribute("hx-swap", "none");
  form.append(...fields.map(hidden), button(action));
  form.addEventListener("htmx:before:request", () => { form.lastChild.disabled = true; });
  form.addEventListener("htmx:after:request", () => setTimeout(remove, 0, node)); // it bubbles first
  node.querySelector("a").replaceWith(form);
  window.htmx.process(form);
}

function hidden([name, value]) {
  return Object.assign(document.createElement("input"), { type: "hidden", name, value });
}

function button(words) {
  return Object.assign(document.createElement("button"), { className: "btn s", textContent: words });
}
