// What the socket says beside lines: as notes in the log, and as the state below it.

import { root, say, socketAddress } from "./log_page.js";
import { language } from "./strings.js";

/** `live()` and `setState(word, kind, values)` are the page's. */
export function hear(page, { live, setState }) {
  const { socket, look } = page;
  const on = (name, act) => socket.addEventListener(name, (event) => act(event.detail));
  const told = (news, words) => [look.names[news.container], ...words].filter(Boolean).join(": ");
  const alone = (act) => { if (!page.several) act(); }; // one of several says nothing of the others

  on("open", live);
  on("skipped", (news) => page.note(told(news, [say("skipped", { n: news.count.toLocaleString(language) })]), "warn"));
  on("divider", (news) => {
    if (news.reason === "followed") moved(page, news);
    page.note(told(news, [say(`divider_${news.reason}`, { name: news.name ?? "" }), news.text]), news.reason === "gap" ? "warn" : "");
    alone(live);
  });
  on("reconnecting", (news) => {
    page.note(told(news, [say("engine_lost"), news.text]), "warn");
    alone(() => { page.connected = false; setState("engine_lost", "warn"); });
  });
  on("ended", (news) => {
    page.note(told(news, [say(`ended_${news.reason}`, { code: news.exit_code ?? "?" })]));
    alone(() => { page.connected = false; setState("ended", "idle"); });
  });
  on("renamed", (news) => page.note(told(news, [say("renamed", { name: news.name })])));
  on("successor", (news) => offer(page, news, told));
  on("error", (news) => {
    page.note(told(news, [news.reason]), "warn");
    alone(() => setState("ended", "bad"));
  });
  on("waiting", ({ seconds }) => { page.connected = false; setState("waiting", "warn", { seconds }); });
  on("closed", () => { page.connected = false; setState(page.state === "ended" ? "ended" : "closed", page.state === "ended" ? "idle" : "bad"); });
  on("refused", ({ message }) => { page.note(message, "warn"); setState("closed", "bad"); });
}

// Another container has the name now: an offer, as a note with a link that goes on in this page.
function offer(page, news, told) {
  const url = page.several ? `../${news.id}/logs/` : location.pathname.replace(/[0-9a-f]{64}/, news.id);
  page.note(told(news, [say("successor", { name: news.name })]), "info", {
    text: say("follow_successor", { name: news.name }),
    url,
    follow: page.several ? "" : news.id,
  });
}

// From here on links, tickets and downloads are those of the new container.
function moved(page, { id }) {
  const old = page.containers[0].id;
  const renewed = (text) => text.replaceAll(old, id);
  page.containers[0] = JSON.parse(renewed(JSON.stringify(page.containers[0])));
  for (const name of ["ticket", "socket"]) root.dataset[name] = renewed(root.dataset[name]);
  for (const link of document.querySelectorAll(`main a[href*="${old}"]:not(.ln)`)) link.setAttribute("href", renewed(link.getAttribute("href")));
  history.replaceState(null, "", renewed(location.pathname) + location.search);
  page.socket.move(root.dataset.ticket, socketAddress(root.dataset.socket));
  renewHead(id, renewed);
}

function renewHead(id, renewed) {
  const head = document.getElementById("head");
  if (!head) return;
  head.dataset.object = id;
  head.dataset.refresh = renewed(head.dataset.refresh);
  document.getElementById("gone").hidden = true;
  window.htmx?.ajax("GET", head.dataset.refresh, { source: head, target: head, swap: "innerMorph" });
}
