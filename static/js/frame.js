// A page inside a portal's frame: what is shown and done there stays, all else opens a new tab.

const SHOWN = /^\/hosts\/[^/]+\/containers\/(?:(?!run\/)[^/]+\/)?(?:logs\/(?:download\/)?)?$/;
const DONE = /^\/hosts\/[^/]+\/containers\/(?:bulk|[0-9a-f]{64})\/(?:menu|command|stop|restart)\/$/;

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || link.origin !== location.origin) return;
  if (SHOWN.test(link.pathname) || DONE.test(link.pathname)) return;
  link.target = "_blank";
  link.rel = "noopener";
  event.stopPropagation(); // or htmx would fetch it into this page
}, true);
