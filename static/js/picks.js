// Ticks of a list: tick all, tick a range with shift, and the count in the bulk bar.
// The bar itself appears by CSS, so a selection works without this file too.

import { text } from "./strings.js";

const all = () => [...document.querySelectorAll("[data-pick]")];
let last = null;

export function recount() {
  const boxes = all();
  const ticked = boxes.filter((box) => box.checked).length;
  for (const output of document.querySelectorAll("[data-pick-count]")) {
    const words = text("selected", { count: ticked });
    if (output.textContent !== words) output.textContent = words;
  }
  for (const master of document.querySelectorAll("[data-pick-all]")) {
    master.checked = ticked > 0 && ticked === boxes.length;
    master.indeterminate = ticked > 0 && ticked < boxes.length;
  }
}

function tickRange(from, to) {
  const boxes = all();
  const [low, high] = [boxes.indexOf(from), boxes.indexOf(to)].sort((a, b) => a - b);
  if (low < 0) return;
  for (const box of boxes.slice(low, high + 1)) box.checked = to.checked;
}

document.addEventListener("click", (event) => {
  const target = event.target;
  if (target.matches?.("[data-pick]")) {
    if (event.shiftKey && last) tickRange(last, target);
    last = target;
  } else if (target.matches?.("[data-pick-all]")) {
    for (const box of all()) box.checked = target.checked;
  } else if (target.closest?.("[data-pick-none]")) {
    for (const box of all()) box.checked = false;
  } else return;
  recount();
});

document.addEventListener("htmx:after:swap", recount);
addEventListener("pageshow", recount);
recount();
