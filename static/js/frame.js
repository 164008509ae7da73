// A page inside a portal's frame: links to what is shown there stay, all others open a new tab.

const SHOWN = /^\/hosts\/[^/]+\/containers\/(?:(?!run\/)[^/]+\/)?(?:logs\/(?:download\/)?)?$/;

document.addEventListener("click", ({ target }) => {
  const link = target.closest?.("a[href]");
  if (!link || link.hasAttribute("hx-get") || link.origin !== location.origin) return;
  if (SHOWN.test(link.pathname)) return;
  link.target = "_blank";
  link.rel = "noopener";
}, true);
