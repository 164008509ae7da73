// The bell's list: the messages of this tab, the newest first. What went wrong can be copied.

import { text } from "./strings.js";
import { codeOf, copyButton, detailsOf } from "./toasts.js";

export function fill(list, messages) {
  const lines = messages.map(line);
  if (!lines.length) lines.push(text("no_messages"));
  list.replaceChildren(...lines);
  list.dispatchEvent(new CustomEvent("times-added", { bubbles: true }));
}

function line(message) {
  const made = document.createElement("p");
  made.className = `notice ${message.level}`;
  const words = document.createElement("span");
  words.className = "grow";
  words.append(message.message, " ", time(message.at));
  made.append(words);
  if (message.command_line) words.append(codeOf(message.command_line));
  if (message.level === "bad") made.append(detailsButton(message));
  else if (message.url && !message.fields) made.append(linkTo(message)); // later it is no undoing any more
  if (message.level !== "bad" && message.command_line) made.append(copyButton(message.command_line));
  return made;
}

function time(at) {
  const made = document.createElement("time");
  made.dateTime = at;
  made.dataset.time = "ago";
  return made;
}

function detailsButton(message) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn s";
  button.textContent = text("copy_details");
  button.dataset.copy = detailsOf(message);
  return button;
}

function linkTo({ url, action }) {
  const link = document.createElement("a");
  link.className = "btn s";
  link.href = url;
  link.textContent = action || url;
  return link;
}
