// Menus (popovers) and dialogs. Menus stand at their opener by CSS anchor positioning; browsers
// without it get the place from here.

const dialog = document.getElementById("dialog");
const rowMenu = document.getElementById("row-menu");
let opener = null;

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-menu], [data-opens], [data-close], [popovertarget]");
  if (!target) return;
  opener = target;
  if (target.dataset.opens) document.getElementById(target.dataset.opens).showModal();
  const open = target.matches("[data-close]") && target.closest("dialog[open]");
  if (!open) return;
  event.preventDefault();
  open.close();
}, true);

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.target === rowMenu && rowMenu.childElementCount) openRowMenu(ctx.sourceElement);
  // A 204 has just closed it; its old content goes with the close event, which comes later.
  if (ctx.target !== dialog || ctx.response.status === 204) return;
  if (dialog.childElementCount && !dialog.open) dialog.showModal();
  dialog.querySelector("[aria-invalid], [autofocus]")?.focus();
});

// A form in the dialog that was answered without a new form (204) is done: close it.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (dialog?.contains(ctx.sourceElement) && ctx.response.status === 204) dialog.close();
});

// A choice has been made: the menu goes, and what it opens comes in its place.
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (rowMenu?.contains(ctx.sourceElement)) rowMenu.hidePopover();
});

dialog?.addEventListener("close", () => dialog.replaceChildren());

function openRowMenu(source) {
  opener = source;
  rowMenu.showPopover({ source });
  source.setAttribute("aria-expanded", "true");
  rowMenu.querySelector("a, button")?.focus();
}

rowMenu?.addEventListener("toggle", (event) => {
  if (event.newState === "closed") opener?.setAttribute("aria-expanded", "false");
});

if (!CSS.supports("position-area", "block-end")) {
  document.addEventListener("toggle", ({ target, newState }) => {
    if (newState === "open" && target.matches?.(".menu[popover]") && opener) place(target, opener);
  }, true);
}

function place(menu, at) {
  const button = at.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = button.bottom + 4 + size.height < innerHeight;
  const left = Math.max(8, Math.min(button.left, innerWidth - size.width - 8));
  menu.style.setProperty("margin", "0");
  menu.style.setProperty("left", `${left}px`);
  menu.style.setProperty("top", `${below ? button.bottom + 4 : Math.max(8, button.top - size.height - 4)}px`);
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu") || openMenuOf(event.target);
  if (!menu || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
  if (event.target.matches("input, select, textarea")) return;
  const items = [...menu.querySelectorAll("a, button:not(:disabled)")];
  if (!items.length) return;
  event.preventDefault();
  const step = event.key === "ArrowDown" ? 1 : -1;
  const at = items.indexOf(document.activeElement);
  if (at < 0) return items[step > 0 ? 0 : items.length - 1].focus();
  const next = { Home: 0, End: items.length - 1 }[event.key] ?? (at + step + items.length) % items.length;
  items[next].focus();
});

function openMenuOf(button) {
  const menu = document.getElementById(button.getAttribute?.("popovertarget") || "");
  return menu?.matches(".menu:popover-open") ? menu : null;
}

// data-must-equal: the button waits until the name has been typed.
document.addEventListener("input", ({ target }) => {
  if (target.dataset?.mustEqual === undefined) return;
  target.form.querySelector("[type=submit]").disabled = target.value !== target.dataset.mustEqual;
});
