// Who one is, asked for again: loaded when an answer wants it (wantsStepUp, requests.js); afterwards
// what was asked for is sent again. Scripts with a request of their own call stepUp() and repeat it.

const dialog = document.getElementById("step-up");
const stepped = () => dialog.dispatchEvent(new CustomEvent("done", { detail: true }));
let asking = null;

/** Ask; whether the person proved it. One question at a time. */
export function stepUp() {
  asking ??= ask().finally(() => { asking = null; });
  return asking;
}

async function ask() {
  const answered = new Promise((resolve) => {
    dialog.addEventListener("done", ({ detail }) => resolve(detail), { once: true });
  });
  await htmx.ajax("GET", dialog.dataset.url, { target: "#step-up", swap: "innerHTML" });
  if (!dialog.childElementCount) return false;
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("input:not([type=hidden])")?.focus();
  const right = await answered;
  dialog.close();
  return right;
}

/** Ask, then send again what htmx sent. */
export async function repeat({ sourceElement: source, sourceEvent }) {
  const submitter = sourceEvent?.submitter;
  if (!(await stepUp()) || !source.isConnected) return;
  if (source.matches("form")) source.requestSubmit(submitter?.isConnected ? submitter : undefined);
  else source.click();
}

dialog.addEventListener("close", () => {
  dialog.dispatchEvent(new CustomEvent("done", { detail: false }));
  dialog.replaceChildren();
});
document.addEventListener("stepped-up", stepped);
