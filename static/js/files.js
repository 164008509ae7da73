// The files page: uploads by tus (resumable, slice by slice), dropped or chosen; live refresh.

import { calm } from "./calm.js";
import { Tus, filled } from "./tus.js";
import { sizeText } from "./sizes.js";
import { csrfToken } from "./strings.js";

const root = document.getElementById("files");
const words = JSON.parse(document.getElementById("file-words").textContent);
const list = document.getElementById("uploads");
const form = document.getElementById("upload-form");
const news = calm(document.getElementById("upload-news"));
const say = (key, values = {}) => filled(words[key], values);

const directory = () => document.querySelector("[data-drop]")?.dataset.drop ?? form.elements.directory.value;

// -- one file ------------------------------------------------------------------------------

class Row {
  constructor(name) {
    this.element = document.createElement("li");
    this.element.className = "row card pad";
    this.name = name;
    this.text = document.createElement("span");
    this.sent = document.createElement("small");
    this.sent.className = "muted";
    this.bar = document.createElement("progress");
    this.bar.className = "bar wide";
    this.bar.max = 1;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", name);
    this.buttons = document.createElement("span");
    this.buttons.className = "row end";
    this.element.append(this.text, this.sent, this.bar, this.buttons);
    list.append(this.element);
  }

  /* ``tone``: "asks" or "failed". */
  say(text, tone = "") {
    this.text.textContent = text;
    this.element.className = `row card pad ${tone}`;
    this.bar.hidden = this.sent.hidden = Boolean(tone);
    news(text, Boolean(tone));
  }

  moved(sent, size) {
    this.bar.value = size ? sent / size : 1;
    this.sent.textContent = `${sizeText(sent)} / ${sizeText(size)}`;
  }

  offer(...choices) {
    this.buttons.replaceChildren(
      ...choices.map(([label, act]) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "btn s";
        button.textContent = label;
        button.addEventListener("click", act);
        return button;
      }),
    );
  }

  end(text) {
    this.say(text);
    this.bar.hidden = this.sent.hidden = true;
    this.offer([say("close"), () => this.element.remove()]);
    setTimeout(() => this.element.remove(), 8000);
  }

  fail(reason, again) {
    this.say(say("failed", { name: this.name, reason }), "failed");
    this.offer([say("again"), again], [say("close"), () => this.element.remove()]);
  }
}

function send(file, folder, conflict, row = new Row(file.name)) {
  const metadata = { filename: file.name, container: root.dataset.container, directory: directory(), folder, conflict };
  const upload = new Tus(root.dataset.uploads, file, metadata, csrfToken());
  const again = (other = conflict) => send(file, folder, other, row);
  row.say(say("sending", { name: file.name }));
  row.offer([say("cancel"), () => upload.cancel()]);
  upload.onresumed = (url) => {
    document.querySelector(`[data-upload="${url}"]`)?.remove();
    row.say(say("resumed", { name: file.name }));
  };
  upload.onprogress = (sent) => row.moved(sent, file.size);
  upload.onwaiting = (seconds) => row.say(say("waiting", { name: file.name, seconds }));
  return upload.run().then(
    (job) => follow(job, row, again),
    (error) => refused(error, row, again),
  );
}

function refused(error, row, again) {
  const { name } = row;
  if (error.cancelled) return row.end(say("cancelled", { name }));
  if (error.status !== 409) return row.fail(error.message, () => again());
  row.say(error.message, "asks");
  row.offer(
    [say("replace"), () => again("replace")],
    [say("keep"), () => again("keep")],
    [say("skip"), () => row.end(say("skipped", { name }))],
  );
}

// The file is in the spool: the job hands it to the engine, mostly within a second. A server that
// restarts meanwhile goes on with another job.
async function follow(job, row, again) {
  row.offer();
  row.say(say("placing", { name: row.name }));
  for (let wait = 150; job !== "gone"; wait = Math.min(2000, wait * 1.5)) {
    const state = await standing(job);
    if (state.result?.continued) job = state.result.continued;
    else if (state.over && state.state !== "interrupted") return placed(state, row, again);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  placed({ result: {} }, row, again);
}

// How a job stands; nothing while the server is away.
async function standing(job) {
  const headers = { Accept: "application/json" };
  const answer = await fetch(`/jobs/${job}/?format=json`, { headers }).catch(() => null);
  if (!answer || answer.status >= 500) return {};
  return answer.ok ? answer.json() : { over: true, error: await answer.text(), result: {} };
}

function placed({ error, result, state }, row, again) {
  const words = state === "cancelled" ? "cancelled" : result.skipped ? "skipped" : "done";
  if (error) row.fail(error, () => again());
  else row.end(say(words, { name: row.name }));
  refresh();
}

function refresh() {
  const query = document.querySelector("[data-query]")?.dataset.query ?? `path=${encodeURIComponent(directory())}`;
  window.htmx.ajax("GET", `${root.dataset.url}?${query}`, { target: "#listing", swap: "innerMorph" });
}

// -- many files: two at a time, as the server allows ------------------------------------------

async function sendAll(entries) {
  const waiting = [...entries];
  const conflict = form.elements.conflict.value; // as chosen now: the form is empty before they are gone
  const worker = async () => {
    while (waiting.length) {
      const { file, folder } = waiting.shift();
      await send(file, folder, conflict);
    }
  };
  await Promise.all([worker(), worker()]);
}

const folderOf = (path) => path.split("/").slice(0, -1).join("/");

function* chosen(input) {
  for (const file of input.files) yield { file, folder: folderOf(file.webkitRelativePath ?? "") };
}

async function* dropped(entry, folder = "") {
  if (entry.isFile) {
    yield { file: await new Promise((resolve, reject) => entry.file(resolve, reject)), folder };
    return;
  }
  const reader = entry.createReader();
  const inside = folder ? `${folder}/${entry.name}` : entry.name;
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const child of some) yield* dropped(child, inside);
  }
}

document.getElementById("unfinished")?.addEventListener("click", async ({ target }) => {
  const item = target.closest("[data-discard]")?.closest("[data-upload]");
  if (!item) return;
  const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": csrfToken() };
  const answer = await fetch(item.dataset.upload, { method: "DELETE", headers });
  if (answer.ok || answer.status === 404) item.remove();
});

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  form.hidePopover();
  sendAll([...chosen(form.elements.file), ...chosen(form.elements.folder)]);
  form.reset();
});
form?.elements.folder.addEventListener("change", () => { form.elements.file.required = !form.elements.folder.files.length; });

root.addEventListener("dragover", (event) => {
  if (!form || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  root.classList.add("dropping");
});
root.addEventListener("dragleave", (event) => {
  if (!root.contains(event.relatedTarget)) root.classList.remove("dropping");
});
root.addEventListener("drop", async (event) => {
  if (!form) return;
  event.preventDefault();
  root.classList.remove("dropping");
  // Entries and files must be taken before the first await: then the drop's data is gone.
  const taken = [...event.dataTransfer.items].map((item) => [item.webkitGetAsEntry(), item.getAsFile()]);
  const found = [];
  for (const [entry, file] of taken) {
    if (entry) for await (const item of dropped(entry)) found.push(item);
    else if (file) found.push({ file, folder: "" });
  }
  sendAll(found);
});
