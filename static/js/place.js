// Where a menu stands, for browsers without CSS anchor positioning.

/** ``opener`` tells at which control the next one opens. */
export function follow(opener) {
  document.addEventListener("toggle", ({ target, newState }) => {
    if (newState === "open" && target.matches?.(".menu[popover]") && opener()) place(target, opener());
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
