// data-fold: a group row folds its <tbody>, and stays folded through every refresh of the list.

const folded = new Set();

document.addEventListener("click", ({ target }) => {
  const group = target.closest?.("[data-fold]")?.closest("tbody");
  if (!group) return;
  const now = fold(group, !group.classList.contains("folded"));
  if (group.id) folded[now ? "add" : "delete"](group.id);
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.target?.id !== "list") return;
  for (const id of folded) {
    const group = document.getElementById(id);
    if (group) fold(group, true);
  }
});

function fold(group, on) {
  group.classList.toggle("folded", on);
  group.querySelector("[data-fold]")?.setAttribute("aria-expanded", String(!on));
  return on;
}
