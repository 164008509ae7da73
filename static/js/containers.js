// The list of containers and the pages of one.

import { followList } from "./list.js";
import { followObject } from "./object.js";

const list = document.getElementById("list");
const folded = new Set();

followList("containers-changed", "c-");
followObject("containers-changed");

/* A project that was folded stays so through every refresh. */
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.target === list) for (const id of folded) fold(document.getElementById(id));
});

function fold(group) {
  if (!group) return;
  group.classList.add("folded");
  group.querySelector("[data-fold]")?.setAttribute("aria-expanded", "false");
}

document.addEventListener("click", ({ target }) => {
  const group = target.closest?.("[data-fold]")?.closest("tbody");
  if (group) folded[group.classList.contains("folded") ? "add" : "delete"](group.id);
});
