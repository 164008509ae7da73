// A tus 1.0 client for one file: creation, slices with a checksum, resume after any break.

const SLICE = 8 * 1024 * 1024;
const TRIES = 20;
const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const encode = (text) => base64(new TextEncoder().encode(text));

// Where an upload of this very file stands on the server, kept over a reload or the browser's end.
const kept = {
  key: (file, { container, directory, folder, conflict }) =>
    `upload:${[container, directory, folder, conflict, file.name, file.size, file.lastModified].join("|")}`,
  get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
  set: (key, url) => { try { localStorage.setItem(key, url); } catch { /* private windows keep nothing */ } },
  drop: (key) => { try { localStorage.removeItem(key); } catch { /* as above */ } },
};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Tus {
  constructor(endpoint, file, metadata, csrf) {
    Object.assign(this, { endpoint, file, metadata, csrf, offset: 0, job: "" });
    this.key = kept.key(file, metadata);
    this.abort = new AbortController();
    this.onresumed = () => {};
    this.onprogress = () => {};
    this.onwaiting = () => {};
  }

  // Resolves with the job that hands the file on ("gone": it was handed on already); rejects with
  // {status, message} or {cancelled}.
  async run() {
    try {
      if (!(await this.resume())) await this.create();
      while (!this.job) await this.persist(() => this.slice());
      kept.drop(this.key);
      return this.job;
    } catch (error) {
      if (this.abort.signal.aborted) {
        this.end();
        error = Object.assign(new Error("cancelled"), { cancelled: true });
      }
      throw error;
    }
  }

  cancel() {
    this.abort.abort();
  }

  end() {
    kept.drop(this.key);
    if (!this.url) return;
    fetch(this.url, { method: "DELETE", headers: this.headers(), keepalive: true }).catch(() => {});
  }

  headers(more = {}) {
    return { "Tus-Resumable": "1.0.0", "X-CSRFToken": this.csrf, Accept: "text/plain", ...more };
  }

  async ask(method, url, options = {}) {
    const answer = await fetch(url, { method, ...options, headers: this.headers(options.headers), signal: this.abort.signal });
    if (!answer.ok) throw new Refusal(answer.status, (await answer.text()).trim() || `${method}: ${answer.status}`);
    return answer;
  }

  // Whether an earlier page began with this file and the server still has what came.
  async resume() {
    this.url = kept.get(this.key) ?? "";
    if (!this.url) return false;
    try {
      await this.locate();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      kept.drop(this.key);
      this.url = "";
      return false;
    }
    this.onresumed(this.url);
    this.onprogress(this.offset);
    return true;
  }

  async create() {
    const pairs = Object.entries(this.metadata).filter(([, value]) => value);
    const answer = await this.ask("POST", this.endpoint, {
      headers: {
        "Upload-Length": String(this.file.size),
        "Upload-Metadata": pairs.map(([name, value]) => `${name} ${encode(value)}`).join(","),
      },
    });
    this.url = answer.headers.get("Location");
    kept.set(this.key, this.url);
    this.job = answer.headers.get("Upload-Job") ?? "";
  }

  async slice() {
    const part = this.file.slice(this.offset, this.offset + SLICE);
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(this.offset) };
    if (crypto.subtle) {
      const digest = await crypto.subtle.digest("SHA-256", await part.arrayBuffer());
      headers["Upload-Checksum"] = `sha256 ${base64(new Uint8Array(digest))}`;
    }
    const answer = await this.ask("PATCH", this.url, { headers, body: part });
    this.offset = Number(answer.headers.get("Upload-Offset"));
    this.job = answer.headers.get("Upload-Job") ?? "";
    this.onprogress(this.offset);
  }

  // Goes on after a break of the network or a restart of the server: ask where it stands first.
  async persist(step) {
    for (let tries = 0; ; tries++) {
      try {
        return await step();
      } catch (error) {
        // Nothing was missing any more when the connection broke, and the server went on by itself.
        if (tries && error.status === 404 && this.offset + SLICE >= this.file.size) return (this.job = "gone");
        const passing = !(error instanceof Refusal) || error.status >= 502 || error.status === 409 || error.status === 460;
        if (this.abort.signal.aborted || !passing || tries >= TRIES) throw error;
        const seconds = Math.min(30, 2 ** tries) * (0.5 + Math.random() / 2);
        this.onwaiting(Math.ceil(seconds));
        await pause(seconds * 1000);
        await this.locate().catch(() => {});
      }
    }
  }

  async locate() {
    const answer = await this.ask("HEAD", this.url);
    this.offset = Number(answer.headers.get("Upload-Offset"));
  }
}

/** The words of an upload's page (patterns of gettext) with their values filled in. */
export const filled = (pattern, values = {}) => pattern.replace(/%\((\w+)\)s/g, (_all, name) => values[name]);
