// The log socket (protocol: docs/protocols.md): tickets, credit, resume by cursor.

const DECODER = new TextDecoder();
const ACK_EVERY = 65536;
const HEADER = 15;
const RETRY_CODES = new Set([1006, 1012]);

export class LogSocket extends EventTarget {
  // `ask` is a FormData-like object of range fields; `post` fetches a ticket for it.
  constructor(ticketUrl, socketUrl, csrf) {
    super();
    Object.assign(this, { ticketUrl, socketUrl, csrf, cursor: null, wanted: false, tries: 0 });
  }

  open(range) {
    this.close();
    this.range = range;
    this.cursor = null;
    this.wanted = true;
    this.connect();
  }

  close() {
    this.wanted = false;
    clearTimeout(this.timer);
    this.socket?.close(1000);
    this.socket = null;
  }

  pause(paused) {
    this.tell({ pause: paused });
  }

  tell(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  async connect() {
    const form = new URLSearchParams(this.range);
    if (this.cursor) form.set("after", this.cursor);
    let answer;
    try {
      answer = await fetch(this.ticketUrl, {
        method: "POST",
        body: form,
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
    socket.onopen = () => { this.tries = 0; this.emit("open", {}); };
    socket.onmessage = (message) => this.receive(message.data);
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
    if (bytes[0] === 1) {
      const event = JSON.parse(DECODER.decode(bytes.subarray(1)));
      return this.emit(event.event, event);
    }
    this.emit("lines", { lines: this.parse(data, bytes) });
    this.received += bytes.length;
    if (this.received - this.acked >= ACK_EVERY) this.ack();
    else this.later ??= setTimeout(() => this.ack(), 250);
  }

  ack() {
    clearTimeout(this.later);
    this.later = null;
    this.acked = this.received;
    this.tell({ ack: this.received });
  }

  parse(data, bytes) {
    const view = new DataView(data);
    const lines = [];
    for (let at = 1; at + HEADER <= bytes.length; ) {
      const size = view.getUint32(at + 11);
      const start = at + HEADER;
      lines.push({
        stream: bytes[at],
        high: view.getUint32(at + 1),
        low: view.getUint32(at + 5),
        ordinal: view.getUint16(at + 9),
        text: DECODER.decode(bytes.subarray(start, start + size)),
      });
      at = start + size;
    }
    if (lines.length) this.cursor = cursorOf(lines.at(-1));
    return lines;
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

// The place of a line as text: nanoseconds and ordinal, exact (a double would lose digits).
export const cursorOf = (line) =>
  `${((BigInt(line.high) << 32n) | BigInt(line.low)).toString()}.${line.ordinal}`;

export const timeOf = (line) => new Date((line.high * 4294967296 + line.low) / 1e6);
