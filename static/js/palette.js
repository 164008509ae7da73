// The command palette as a dialog: fetched when first asked for, its lines by each letter typed.

const here = () => location.pathname.match(/^\/hosts\/([^/]+)/)?.[1] || "";
const place = document.createElement("div");
const lines = (dialog) => [...dialog.querySelectorAll("[role=option]")];
const box = (dialog) => dialog.querySelector("[role=combobox]");

/** Opens it with the first line chosen; ``early`` is what was typed before it had come. */
export async function open(address, early) {
  const dialog = await fetched(address);
  if (!dialog) return; // the request has said why
  dialog.showModal();
  choose(dialog, 0);
  box(dialog).value = early.letters;
  if (early.letters) box(dialog).dispatchEvent(new InputEvent("input", { bubbles: true }));
  if (early.entered) go(dialog);
}

async function fetched(address) {
  if (!place.isConnected) document.body.append(place);
  place.replaceChildren();
  await htmx.ajax("GET", `${address}?host=${encodeURIComponent(here())}`, { target: place, swap: "innerHTML" });
  const dialog = document.getElementById("palette");
  if (dialog) listen(dialog);
  return dialog;
}

function listen(dialog) {
  dialog.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const all = lines(dialog);
    if (step) choose(dialog, (all.indexOf(chosen(dialog)) + step + all.length) % (all.length || 1));
    else if (event.key === "Enter") go(dialog);
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", ({ target }) => {
    // What was chosen goes its own way; clicks beside the dialog are on itself.
    if (target === dialog || target.closest("[role=option]")) setTimeout(() => dialog.close());
  });
  // Each answer knows its letters: one that comes late is not taken for that of the last ones.
  dialog.addEventListener("htmx:before:request", ({ target, detail: { ctx } }) => {
    if (target === box(dialog)) ctx.letters = target.value;
  });
  dialog.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    dialog.dataset.shown = ctx.letters ?? "";
    choose(dialog, 0);
    if (dialog.dataset.waits) go(dialog);
  });
}

// The lines may still be those of fewer letters: then Enter waits for its own.
function go(dialog) {
  const late = box(dialog).value !== (dialog.dataset.shown ?? "");
  dialog.dataset.waits = late ? "on" : "";
  if (!late) chosen(dialog)?.click();
}

const chosen = (dialog) => dialog.querySelector("[aria-selected=true]");

function choose(dialog, at) {
  chosen(dialog)?.setAttribute("aria-selected", "false");
  const line = lines(dialog)[at];
  line?.setAttribute("aria-selected", "true");
  line?.scrollIntoView({ block: "nearest" });
  if (line) box(dialog).setAttribute("aria-activedescendant", line.id);
  else box(dialog).removeAttribute("aria-activedescendant");
}
