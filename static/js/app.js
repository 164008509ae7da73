// What every page has: requests, messages, menus, times, ticks, keys, folds, lists that follow, the
// live socket, copy buttons, appearance. What several pages need is imported here, too: it comes in
// this one file.

import { text } from "./strings.js";
import { toast } from "./toasts.js";
import "./requests.js";
import "./menus.js";
import "./times.js";
import "./picks.js";
import "./palette_key.js";
import "./folds.js";
import "./live.js";
import "./follow.js";
import "./sizes.js";

const root = document.documentElement;
root.classList.add("scripted");

/* data-copy="text", or the text of the <code> beside the button. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const words = button.dataset.copy || button.parentElement.querySelector("code")?.textContent || "";
  try {
    await navigator.clipboard.writeText(words);
    toast("ok", text("copied"));
  } catch {
    toast("warn", text("copy_failed"));
  }
});

/* The keys' file comes with the first key; what is pressed until then is not lost. */
let keys = null;
let typed = null;

document.addEventListener("keydown", async (event) => {
  if (event.defaultPrevented) return;
  if (typed) return typed(event);
  keys ??= import("./keys.js");
  if (event.ctrlKey || event.metaKey || event.key.length > 1) return;
  if (event.target.closest?.("input:not([data-pick]), select, textarea, .term, dialog[open]")) return;
  // At once: what is typed next is for the filter already.
  if (event.key === "/" && document.body.dataset.shortcuts !== "off") {
    event.preventDefault();
    return document.querySelector("[data-filter]")?.focus();
  }
  ({ typed } = await keys);
  typed(event);
});

/* Theme, density and shortcuts. */
document.addEventListener("change", ({ target }) => {
  if (target.form?.matches("[data-appearance]")) import("./appearance.js").then(({ take }) => take(target));
});

// The page after the question who one is: its form goes on by itself.
document.querySelector("[data-go-on]")?.requestSubmit();
