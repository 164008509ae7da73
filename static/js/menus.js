// Menus (popovers) and dialogs. Menus stand at their opener by CSS anchor positioning; browsers
// without it get the place from place.js.

const dialog = document.getElementById("dialog");
const rowMenu = document.getElementById("row-menu");
let opener = null;

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-menu], [data-opens], [data-close], [popovertarget]");
  if (!target) return;
  if (!target.matches("[data-close]")) opener = target;
  if (target.dataset.opens) document.getElementById(target.dataset.opens).showModal();
  const open = target.matches("[data-close]") && target.closest("dialog[open], :popover-open");
  if (!open) return;
  event.preventDefault();
  if (open.matches("dialog")) open.close();
  else open.hidePopover();
}, true);

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.response.status === 204 || ctx.swap === "none") return; // nothing came in its place
  if (ctx.target === rowMenu && rowMenu.childElementCount) openRowMenu(ctx.sourceElement);
  if (ctx.target !== dialog) return;
  if (dialog.childElementCount && !dialog.open) dialog.showModal();
  dialog.querySelector("[aria-invalid], [autofocus]")?.focus();
});

// A form in the dialog that was answered without a new form (204) is done: close it.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (!dialog?.contains(ctx.sourceElement) || ctx.response.status !== 204) return;
  dialog.close();
  dialog.replaceChildren();
});

// A choice has been made: the menu goes, and what it opens comes in its place. So does a question
// whose answer is seen in the rows: it comes again where there is more to say.
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const { sourceElement: source, target, request } = ctx;
  if (rowMenu?.contains(source) && (target !== rowMenu || request.method === "POST")) rowMenu.hidePopover();
  if (dialog?.open && dialog.contains(source) && source.dataset.pending) dialog.close();
});

dialog?.addEventListener("close", () => {
  if (!dialog.open && !dialog.querySelector(".htmx-request")) dialog.replaceChildren();
});

function openRowMenu(source) {
  const at = rowMenu.querySelector("[aria-invalid], [autofocus]");
  rowMenu.role = at ? "dialog" : null; // a question
  rowMenu.ariaLabel = at ? rowMenu.querySelector("h2")?.textContent : null;
  if (rowMenu.matches(":popover-open")) return at?.focus();
  if (source !== document.body && !rowMenu.contains(source)) opener = source;
  rowMenu.showPopover({ source: opener });
  if (opener.ariaHasPopup) opener.ariaExpanded = "true";
  (at ?? rowMenu.querySelector("a, button"))?.focus();
}

rowMenu?.addEventListener("toggle", (event) => {
  if (event.newState === "closed" && opener?.ariaHasPopup) opener.ariaExpanded = "false";
});

if (!CSS.supports("position-area", "block-end")) import("./place.js").then(({ follow }) => follow(() => opener));

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
