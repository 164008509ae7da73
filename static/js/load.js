// The page that loads images: the file goes by tus, then on to the job that gives it to the engine.

import { csrfToken } from "./strings.js";
import { Tus, filled } from "./tus.js";

const form = document.getElementById("load-form");
const row = document.getElementById("load-row");
const problem = document.getElementById("load-error");
const words = JSON.parse(document.getElementById("load-words").textContent);
const say = (key, values) => {
  row.querySelector("span").textContent = filled(words[key], values);
};

async function send(file) {
  const upload = new Tus(form.dataset.uploads, file, { filename: file.name }, csrfToken());
  const bar = row.querySelector("progress");
  row.querySelector("button").onclick = () => upload.cancel();
  upload.onresumed = () => say("resumed", { name: file.name });
  upload.onprogress = (sent) => { bar.value = file.size ? sent / file.size : 1; };
  upload.onwaiting = (seconds) => say("waiting", { name: file.name, seconds });
  say("sending", { name: file.name });
  const job = await upload.run();
  location.assign(job === "gone" ? form.dataset.jobs : `${form.dataset.jobs}${job}/`);
}

function ended(error, file) {
  if (error.cancelled) return say("cancelled", { name: file.name });
  row.hidden = true;
  problem.textContent = error.message;
  problem.hidden = false;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector(".actions button");
  const [file] = form.elements.file.files;
  if (!file) return;
  problem.hidden = true;
  row.hidden = false;
  button.disabled = true;
  await send(file).catch((error) => ended(error, file));
  button.disabled = false;
});
