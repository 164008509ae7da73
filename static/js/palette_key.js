// Ctrl+K and the search button: the palette is fetched when it is asked for; letters typed meanwhile
// are its own. A terminal keeps Ctrl+K: shells cut the line with it.

const palette = document.getElementById("palette-open");
let early = null; // the letters, and whether Enter came behind them

const openPalette = async (event) => {
  event.preventDefault();
  early = { letters: "", entered: false };
  const { open } = await import("./palette.js").catch(() => ({}));
  await open?.(palette.href, early);
  early = null;
};

palette?.addEventListener("click", (event) => event.ctrlKey || event.metaKey || openPalette(event));
document.addEventListener("keydown", (event) => {
  if (early && !event.ctrlKey && !event.metaKey && (event.key.length === 1 || event.key === "Enter")) {
    if (event.key === "Enter") early.entered = true;
    else early.letters += event.key;
    event.preventDefault();
  }
  const asked = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key === "k";
  if (asked && palette && !event.target.closest?.(".term")) openPalette(event);
});
