// Who one is, asked for again: a 403 with X-Step-Up opens the question; afterwards what was asked
// for is sent again. Scripts with a request of their own call stepUp() and repeat it themselves.

const dialog = document.getElementById("step-up");
const stepped = () => dialog.dispatchEvent(new CustomEvent("done", { detail: true }));
let asking = null;

/** Whether an answer wants it first. */
export function wantsStepUp(answer) {
  return answer.status === 403 && answer.headers.get("X-Step-Up") === "needed";
}

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

dialog?.addEventListener("close", () => {
  dialog.dispatchEvent(new CustomEvent("done", { detail: false }));
  dialog.replaceChildren();
});
document.addEventListener("stepped-up", stepped);

document.addEventListener("htmx:after:request", async ({ detail: { ctx } }) => {
  if (!ctx.response || !wantsStepUp(ctx.response.raw ?? ctx.response)) return;
  const source = ctx.sourceElement;
  const submitter = ctx.sourceEvent?.submitter;
  if (!(await stepUp()) || !source.isConnected) return;
  if (source.matches("form")) source.requestSubmit(submitter?.isConnected ? submitter : undefined);
  else source.click();
});

// The page after the question: the form goes on by itself.
document.querySelector("[data-go-on]")?.requestSubmit();
