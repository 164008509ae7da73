// The log socket (protocol: docs/protocols.md): tickets, credit, resume by cursor, searches.

import { cursorOf } from "./log_line.js";
import { FOUND, foundOf, linesOf, NEWS, newsOf } from "./log_wire.js";

const ACK_EVERY = 65536;
const RETRY_CODES = new Set([1006, 1012]);

export class LogSocket extends EventTarget {
  // `ids`: of the containers where several are shown, each a field of the ticket.
  constructor(ticketUrl, socketUrl, csrf, ids = []) {
    super();
    Object.assign(this, { ticketUrl, socketUrl, csrf, ids, wanted: false, tries: 0 });
  }

  open(range) {
    this.close();
    this.range = range;
    this.last = []; // the last line of each container
    this.paused = false;
    this.wanted = true;
    this.connect();
  }

  close() {
    this.wanted = false;
    clearTimeout(this.timer);
    this.socket?.close(1000);
    this.socket = null;
  }

  /** The server stops reading; what is stored waits. */
  pause(paused) {
    if (paused === this.paused) return;
    this.paused = paused;
    this.tell({ pause: paused });
  }

  /** Go on with the container that has the name now. */
  move(ticketUrl, socketUrl) {
    Object.assign(this, { ticketUrl, socketUrl });
    this.last = [];
    this.range = { tail: "all" };
  }

  tell(message) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  fields() {
    const form = new URLSearchParams(this.range);
    for (const id of this.ids) form.append("id", id);
    this.last.forEach((line, place) => {
      form.append("after", this.ids.length ? `${this.ids[place]}:${cursorOf(line)}` : cursorOf(line));
    });
    return form;
  }

  async connect() {
    let answer;
    try {
      answer = await fetch(this.ticketUrl, {
        method: "POST",
        body: this.fields(),
        headers: { "X-CSRFToken": this.csrf, Accept: "application/json" },
      });
    } catch {
      return this.retry();
    }
    if (answer.status >= 500) return this.retry();
    if (!answer.ok) return this.emit("refused", { message: await answer.text() });
    const { ticket } = await answer.json();
    if (this.wanted) this.start(ticket);
  }

  start(ticket) {
    const socket = new WebSocket(this.socketUrl, ["wharfinger.1", `ticket.${ticket}`]);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.received = this.acked = 0;
    socket.onopen = () => {
      this.tries = 0;
      if (this.paused) this.tell({ pause: true });
      this.emit("open", {});
    };
    socket.onmessage = (message) => socket === this.socket && this.receive(message.data);
    socket.onclose = (event) => {
      if (socket !== this.socket || !this.wanted) return;
      if (RETRY_CODES.has(event.code)) this.retry();
      else this.emit("closed", { code: event.code });
    };
  }

  retry() {
    if (!this.wanted) return;
    const seconds = Math.min(30, 2 ** this.tries++) * (0.5 + Math.random() / 2);
    this.emit("waiting", { seconds: Math.ceil(seconds) });
    this.timer = setTimeout(() => this.connect(), seconds * 1000);
  }

  receive(data) {
    const bytes = new Uint8Array(data);
    if (bytes[0] === NEWS) {
      const news = newsOf(bytes);
      this.emit(news.event, news);
    } else if (bytes[0] === FOUND) this.emit("found", foundOf(data, bytes));
    else this.take(linesOf(data, bytes));
    this.received += bytes.length;
    if (this.received - this.acked >= ACK_EVERY) this.ack();
    else this.later ??= setTimeout(() => this.ack(), 250);
  }

  take(lines) {
    for (const line of lines) this.last[line.source] = line;
    this.emit("lines", { lines });
  }

  ack() {
    clearTimeout(this.later);
    this.later = null;
    if (this.acked === this.received) return;
    this.acked = this.received;
    this.tell({ ack: this.received });
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
