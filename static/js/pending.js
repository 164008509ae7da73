// What is under way: the chips of all that is acted on say so at once and through every refresh,
// until there is news of one, or the answer comes. Loaded with the first of them.

const LASTING = /\/(restart|remove)\/$/; // another state on the way is no news
const underWay = new Map(); // control → { words, lasting, chips: id of a row → what its chip was }

/** ``ctx`` is a request whose control has data-pending. */
export function begin(ctx) {
  if (ctx.response || ctx.status !== "issuing") return; // it was quicker than this file
  const control = ctx.sourceElement;
  const act = { words: control.dataset.pending, lasting: LASTING.test(ctx.request.action), chips: new Map() };
  for (const row of rowsOf(control)) say(act, row, chipOf(row));
  underWay.set(control, act);
}

/* Ids of rows: its own, the one it is about, those that are ticked or named in its form, or all of
   its group; "" stands for the page's own chip. */
function rowsOf(control) {
  const row = control.closest("[data-row]")?.id ?? control.dataset.about;
  if (row) return [row];
  const named = new FormData(control.form ?? control).getAll("id").map((id) => `c-${id}`);
  const group = control.closest("tbody")?.querySelectorAll("[data-row]") ?? [];
  const rows = named.length ? named : Array.from(group, ({ id }) => id);
  if (!rows.length) return [""];
  // What is done to many without a question is a start: of those that do not run.
  return control.matches("form") ? rows : rows.filter((id) => document.querySelector(`#${id} button[data-key="s"]`));
}

function chipOf(row) {
  const head = document.getElementById("head"); // of the page of one
  const own = !row || row === `c-${head?.dataset.object}`;
  const place = document.getElementById(row) ?? (own ? head ?? document.querySelector("main") : null);
  return place?.querySelector("[data-state]");
}

function say(act, row, chip) {
  if (!chip) return;
  act.chips.set(row, { nodes: [...chip.childNodes], css: chip.className, words: chip.textContent });
  const dot = document.createElement("span");
  dot.className = "dot warn pulse";
  chip.className = "chip warn";
  chip.dataset.ours = ""; // until a refresh brings the page's own
  chip.replaceChildren(dot, act.words);
}

document.addEventListener("htmx:after:swap", () => {
  for (const act of underWay.values()) {
    for (const [row, { words }] of act.chips) {
      const chip = chipOf(row);
      if (!chip || "ours" in chip.dataset) continue;
      if (act.lasting || chip.textContent === words) say(act, row, chip);
      else act.chips.delete(row);
    }
  }
});

/* After an answer the list is fetched anew; after an error it says again what it said before. */
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => end(ctx, ctx.response.status >= 400));
document.addEventListener("htmx:error", ({ detail: { ctx } }) => end(ctx, true));

function end(ctx, failed) {
  const act = underWay.get(ctx?.sourceElement);
  underWay.delete(ctx?.sourceElement);
  if (!act || !failed) return;
  for (const [row, { nodes, css }] of act.chips) {
    const chip = chipOf(row);
    if (!chip || !("ours" in chip.dataset)) continue;
    delete chip.dataset.ours;
    chip.className = css;
    chip.replaceChildren(...nodes);
  }
}
