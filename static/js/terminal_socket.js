// The terminal socket (docs/protocols.md): tickets, acknowledgement, and coming back after a cut.

import { wantsStepUp } from "./requests.js";

const OUTPUT = 0, NEWS = 1;
const INPUT = 0, SIZE = 1, ACK = 2, PING = 3;
const ACK_EVERY = 65536;
const MOST_INPUT = 65536;
const MOST_EARLY = 64;
const PING_MS = 25000;
const PONG_MS = 10000;
const CONNECT_MS = 10000;
const SLOWEST_RETRY_S = 5; // a shell waits for a minute: there must be time for several tries
const RETRY_CODES = new Set([1006, 1012]);
const RIGHT_LOST = 4003;
const FINAL = new Set(["right-lost", "container-gone"]); // of no use to start again
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One terminal's line to the server. Fires: output, started, exited, ended, warning, skipped, waiting, open. */
export class TerminalSocket extends EventTarget {
  constructor(ticketUrl, socketUrl, csrf) {
    super();
    Object.assign(this, { ticketUrl, socketUrl, csrf, fields: {}, session: null, position: null, tries: 0 });
    this.wanted = false;
    this.early = []; // keys from before a new shell is there
    addEventListener("online", () => this.timer && this.retryNow());
  }

  /** Start a new shell (fields of the ticket), or come back to one ({session}). */
  open(fields) {
    this.fields = fields;
    this.session = fields.session ?? null;
    this.early = [];
    this.position = null;
    this.wanted = true;
    return this.connect();
  }

  close() {
    this.wanted = false;
    this.forgetTimers();
    this.socket?.close(1000);
  }

  async connect() {
    this.timer = null;
    let answer;
    try {
      answer = await fetch(this.ticketUrl, {
        method: "POST",
        body: new URLSearchParams(this.asked()),
        headers: { "X-CSRFToken": this.csrf, Accept: "application/json" },
        // On a dead line nobody answers for minutes, also once there is a new one.
        signal: AbortSignal.timeout(CONNECT_MS),
      });
    } catch {
      return this.session ? this.retry() : this.finish("ended", { reason: null, code: 1006 });
    }
    if (answer.status >= 500 && this.session) return this.retry();
    if (wantsStepUp(answer) && (await proved()) && this.wanted) return this.connect();
    const final = [403, 404].includes(answer.status) && !wantsStepUp(answer);
    if (!answer.ok) return this.finish("ended", { reason: (await answer.text()).trim(), final });
    const { ticket } = await answer.json();
    if (this.wanted) this.start(ticket);
  }

  asked() {
    if (!this.session) return this.fields;
    const back = { session: this.session };
    if (this.position !== null) back.position = this.position;
    return back;
  }

  start(ticket) {
    const socket = new WebSocket(this.socketUrl, ["wharfinger.1", `ticket.${ticket}`]);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.parsed = this.acked = 0;
    this.over = false;
    this.pong = setTimeout(() => this.giveUp(), CONNECT_MS);
    socket.onopen = () => {
      clearTimeout(this.pong);
      this.tries = 0;
      for (const keys of this.early.splice(0)) this.sendTyped(INPUT, keys);
      this.pinger = setInterval(() => this.ping(), PING_MS);
      this.emit("open", {});
    };
    socket.onmessage = (message) => this.receive(new Uint8Array(message.data));
    socket.onclose = ({ code }) => socket === this.socket && this.closed(code);
  }

  closed(code) {
    this.forgetTimers();
    if (!this.wanted || this.over) return;
    if (RETRY_CODES.has(code) && this.session) this.retry();
    else this.finish("ended", { reason: null, code });
  }

  retry() {
    if (!this.wanted) return;
    const seconds = Math.max(1, Math.min(SLOWEST_RETRY_S, 2 ** this.tries++) * (0.5 + Math.random()));
    this.emit("waiting", { seconds: Math.ceil(seconds) });
    this.timer = setTimeout(() => this.connect(), seconds * 1000);
  }

  retryNow() {
    clearTimeout(this.timer);
    this.connect();
  }

  finish(event, detail) {
    this.over = true;
    this.wanted = false;
    const { final = false, kind, code } = detail;
    this.emit(event, { ...detail, final: final || FINAL.has(kind) || code === RIGHT_LOST });
  }

  receive(bytes) {
    clearTimeout(this.pong);
    if (bytes[0] === OUTPUT) {
      const data = bytes.subarray(1);
      this.position += data.length;
      this.emit("output", { data, done: () => this.count(data.length) });
    } else if (bytes[0] === NEWS) {
      this.hear(JSON.parse(decoder.decode(bytes.subarray(1))));
    }
  }

  hear(news) {
    if (news.event === "started") this.session = news.session;
    if (news.position !== undefined) this.position = news.position;
    if (news.event === "exited" || news.event === "ended") this.finish(news.event, news);
    else this.emit(news.event, news);
  }

  count(parsed) {
    this.parsed += parsed;
    if (this.parsed - this.acked < ACK_EVERY) return;
    this.acked = this.parsed;
    const message = new DataView(new ArrayBuffer(9));
    message.setUint8(0, ACK);
    message.setBigUint64(1, BigInt(this.parsed));
    this.send(message.buffer);
  }

  type(text) {
    const bytes = typeof text === "string" ? encoder.encode(text) : text;
    // Not on a lost connection: nobody sees what such keys would do when it is back.
    if (this.wanted && !this.session && this.socket?.readyState !== WebSocket.OPEN) {
      if (this.early.length < MOST_EARLY && bytes.length <= MOST_INPUT) this.early.push(bytes);
      return;
    }
    for (let at = 0; at < bytes.length; at += MOST_INPUT) {
      this.sendTyped(INPUT, bytes.subarray(at, at + MOST_INPUT));
    }
  }

  resize(cols, rows) {
    Object.assign(this.fields, { cols, rows });
    this.sendTyped(SIZE, encoder.encode(JSON.stringify({ cols, rows })));
  }

  ping() {
    this.sendTyped(PING, new Uint8Array());
    clearTimeout(this.pong);
    this.pong = setTimeout(() => this.giveUp(), PONG_MS);
  }

  /** A dead line is not closed by anybody for minutes: do it ourselves. */
  giveUp() {
    const dead = this.socket;
    this.closed(1006);
    this.socket = null;
    dead.close();
  }

  sendTyped(type, bytes) {
    const message = new Uint8Array(bytes.length + 1);
    message[0] = type;
    message.set(bytes, 1);
    this.send(message);
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(message);
  }

  forgetTimers() {
    clearInterval(this.pinger);
    clearTimeout(this.pong);
    clearTimeout(this.timer);
    this.timer = null;
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

async function proved() {
  const question = await import("./step_up.js").catch(() => null);
  return question !== null && question.stepUp();
}
