// The build page: a context goes by tus first, then the form names it.

import { csrfToken } from "./strings.js";
import { tarball } from "./tarball.js";
import { Tus, filled } from "./tus.js";

const form = document.getElementById("build-form");
const tar = document.getElementById("build-tar");
const folder = document.getElementById("build-folder");
const row = document.getElementById("build-row");
const problem = document.getElementById("build-error");
const words = JSON.parse(document.getElementById("build-words").textContent);
const say = (key, values) => {
  row.querySelector("span").textContent = filled(words[key], values);
};

form.querySelector("[data-script-only]").hidden = false;

// What was chosen: a tar as it is, or a tar of the folder, named within it.
function chosen() {
  if (tar.files.length) return tar.files[0];
  const [first] = folder.files;
  if (!first) return null;
  const inside = (file) => file.webkitRelativePath.split("/").slice(1).join("/");
  return tarball([...folder.files].map((file) => [inside(file), file]), `${first.webkitRelativePath.split("/")[0]}.tar`);
}

async function send(file) {
  const upload = new Tus(form.dataset.contexts, file, { filename: file.name }, csrfToken());
  const bar = row.querySelector("progress");
  row.querySelector("button").onclick = () => upload.cancel();
  upload.onresumed = () => say("resumed", { name: file.name });
  upload.onprogress = (sent) => { bar.value = sent / file.size; };
  upload.onwaiting = (seconds) => say("waiting", { name: file.name, seconds });
  say("sending", { name: file.name });
  form.elements.upload.value = await upload.run();
  tar.disabled = true;
  form.submit();
}

function ended(error, file) {
  if (error.cancelled) return say("cancelled", { name: file.name });
  row.hidden = true;
  problem.textContent = error.message;
  problem.hidden = false;
}

for (const input of [tar, folder]) {
  input.addEventListener("change", () => {
    const other = input === tar ? folder : tar;
    other.value = "";
    form.elements.upload.value = input.files.length ? "chosen" : "";
    form.dispatchEvent(new Event("input"));
  });
}

form.addEventListener("submit", async (event) => {
  const file = chosen();
  if (!file) return;
  event.preventDefault();
  const button = form.querySelector("button.p");
  problem.hidden = true;
  row.hidden = false;
  button.disabled = true;
  await send(file).catch((error) => ended(error, file));
  button.disabled = false;
});
