// Somebody else's terminal, live: shown as it is, and nothing goes in.

import { RecordedScreen } from "./recorded_screen.js";
import { csrfToken } from "./strings.js";
import { allowStyles } from "./terminal_screen.js";
import { TerminalSocket } from "./terminal_socket.js";

const root = document.getElementById("watch");
const words = JSON.parse(document.getElementById("recording-words").textContent);
const part = (name) => document.querySelector(`[data-part="${name}"]`);
const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

function be(level, sentence, reason = "") {
  const dot = document.createElement("span");
  dot.className = `dot ${level}`;
  part("state").className = `chip ${level}`;
  part("state").replaceChildren(dot, sentence);
  part("reason").textContent = reason;
}

allowStyles(root.dataset.nonce);
const screen = new RecordedScreen(part("screen"), say("screen"));
const socket = new TerminalSocket(root.dataset.ticket, location.origin.replace(/^http/, "ws") + root.dataset.socket, csrfToken());
let shown = Promise.resolve(); // what came before is shown before the size changes
const then = (act) => { shown = shown.then(act); };

socket.addEventListener("started", ({ detail }) => {
  then(() => { screen.terminal.reset(); screen.resize(detail.cols, detail.rows); });
  be("ok", say("watching"));
});
socket.addEventListener("resized", ({ detail }) => then(() => screen.resize(detail.cols, detail.rows)));
socket.addEventListener("skipped", () => then(() => screen.terminal.reset()));
socket.addEventListener("output", ({ detail }) => then(() => screen.write(detail.data).then(detail.done)));
socket.addEventListener("waiting", ({ detail }) => be("warn", say("waiting", detail)));
for (const event of ["exited", "ended"]) {
  socket.addEventListener(event, ({ detail }) => {
    be("idle", say("ended"), detail.reason || say("unreachable", { code: detail.code }));
    part("end")?.setAttribute("hidden", "");
  });
}
be("idle", say("connecting"));
socket.open({ session: root.dataset.session });
