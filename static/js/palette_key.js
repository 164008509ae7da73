// Ctrl+K and the search button: the palette is fetched when it is asked for; letters typed meanwhile
// are its own. A terminal keeps Ctrl+K: shells cut the line with it.

const palette = document.getElementById("palette-open");
let early = null;

const openPalette = async (event) => {
  event.preventDefault();
  early = "";
  const { open } = await import("./palette.js").catch(() => ({}));
  await open?.(palette.href, () => early);
  early = null;
};

palette?.addEventListener("click", (event) => event.ctrlKey || event.metaKey || openPalette(event));
document.addEventListener("keydown", (event) => {
  if (early !== null && event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
    early += event.key;
    event.preventDefault();
  }
  const asked = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key === "k";
  if (asked && palette && !event.target.closest?.(".term")) openPalette(event);
});
