// The page of one recording: its player, its keys, and the search in what was shown.

import { Transcript, clock, parse } from "./cast.js";
import { Player } from "./player.js";
import { RecordedScreen } from "./recorded_screen.js";
import { allowStyles } from "./terminal_screen.js";

const STEP_S = 5;
const LISTED = 200;
const TYPING_MS = 200;
const root = document.getElementById("player");
const words = JSON.parse(document.getElementById("recording-words").textContent);
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
let player, transcript, hits = [], current = -1, typing;

async function load() {
  const answer = await fetch(root.dataset.cast);
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return parse(await answer.text());
}

function begin(cast) {
  const screen = new RecordedScreen(part("screen"), say("screen"));
  player = new Player(cast, screen);
  player.addEventListener("moved", showPosition);
  player.addEventListener("stopped", showState);
  part("seek").max = cast.length;
  part("seek").disabled = part("play").disabled = false;
  showPosition();
  showState();
  player.seek(0);
  if (!cast.events.length) part("count").textContent = say("empty");
}

function showPosition() {
  const at = clock(player.position), whole = clock(player.cast.length);
  part("seek").value = player.position;
  part("seek").setAttribute("aria-valuetext", say("at", { at, whole }));
  part("time").textContent = `${at} / ${whole}`;
}

function showState() {
  const over = player.position >= player.cast.length && player.cast.length > 0;
  part("play-word").textContent = player.playing ? say("pause") : over ? say("again") : say("play");
  const use = part("play").querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, player.playing ? "#player-pause" : "#player-play"));
}

function toggle() {
  if (player.playing) player.pause();
  else player.play();
  showState();
}

function change(step) {
  const speed = part("speed");
  speed.selectedIndex = Math.max(0, Math.min(speed.options.length - 1, speed.selectedIndex + step));
  player.speed = Number(speed.value);
}

function search() {
  transcript ??= new Transcript(player.cast.events);
  hits = transcript.find(part("find").value.trim());
  current = -1;
  part("back").disabled = part("next").disabled = !hits.length;
  part("count").textContent = hits.length || !part("find").value.trim() ? "" : say("no_hits");
  part("hits").hidden = !hits.length;
  part("hits").replaceChildren(...hits.slice(0, LISTED).map(listed));
  if (hits.length) tellCount();
}

function listed({ at, line }, index) {
  const item = document.createElement("li"), button = document.createElement("button");
  const time = document.createElement("b"), text = document.createElement("span");
  button.type = "button";
  time.textContent = clock(at);
  text.textContent = line;
  button.append(time, text);
  button.addEventListener("click", () => jump(index));
  item.append(button);
  return item;
}

function tellCount() {
  const listed = hits.length > LISTED ? ` ${say("most", { count: LISTED })}` : "";
  part("count").textContent = say("hits", { at: current + 1, count: hits.length }) + listed;
}

async function jump(index) {
  if (!hits.length) return;
  current = (index + hits.length) % hits.length;
  for (const [n, button] of part("hits").querySelectorAll("button").entries()) {
    button.setAttribute("aria-current", String(n === current));
    if (n === current) part("hits").scrollTop = button.offsetTop - part("hits").clientHeight / 2;
  }
  tellCount();
  player.pause();
  await player.seek(hits[current].at);
  player.screen.mark(part("find").value.trim());
}

const KEYS = {
  " ": toggle,
  ArrowLeft: () => player.seek(player.position - STEP_S),
  ArrowRight: () => player.seek(player.position + STEP_S),
  Home: () => player.seek(0),
  End: () => player.seek(player.cast.length),
  ",": () => change(-1),
  ".": () => change(1),
};

function pressed(event) {
  const own = event.target.closest("input, select, button, a, textarea:not(.xterm-helper-textarea)");
  const act = KEYS[event.key];
  if (!player || own || !act || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  act();
}

function find(event) {
  if (event.key !== "Enter") return;
  event.preventDefault();
  clearTimeout(typing);
  if (current < 0) search();
  jump(current + (event.shiftKey ? -1 : 1));
}

allowStyles(root.dataset.nonce);
document.addEventListener("keydown", pressed);
part("play").addEventListener("click", toggle);
part("seek").addEventListener("input", () => player.seek(Number(part("seek").value)));
part("speed").addEventListener("change", () => change(0));
part("skip").addEventListener("change", () => { player.skip = part("skip").checked; });
part("find").addEventListener("keydown", find);
part("find").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(search, TYPING_MS);
});
part("back").addEventListener("click", () => jump(current < 0 ? -1 : current - 1));
part("next").addEventListener("click", () => jump(current + 1));
load().then(begin).catch(({ message }) => {
  part("play-word").textContent = say("play");
  part("count").textContent = say("failed", { reason: message });
});
