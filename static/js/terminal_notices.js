// What a person must see of their terminal: that it is recorded, or cannot be, and who watches it.

let shown = null;

/** Of one terminal; ``show`` makes it the one that stands in ``place``. */
export class Notices {
  constructor(place, socket, say) {
    Object.assign(this, { place, say, recording: "off", reason: "", watched: [] });
    for (const event of ["started", "recording", "watched"]) {
      socket.addEventListener(event, ({ detail }) => this.hear(detail));
    }
    for (const event of ["exited", "ended"]) socket.addEventListener(event, () => this.hear({ recording: "off", watched: [] }));
  }

  hear({ recording = this.recording, recording_reason = this.reason, watched = this.watched }) {
    Object.assign(this, { recording, reason: recording_reason, watched });
    if (shown === this) this.show();
  }

  show() {
    shown = this;
    const chips = [];
    if (this.recording === "on") chips.push(chip("info", this.say("recorded"), this.say("recorded_help")));
    if (this.recording === "failed") chips.push(chip("bad", this.reason));
    if (this.watched.length) chips.push(chip("warn", this.say("watched", { names: this.watched.join(", ") })));
    this.place.replaceChildren(...chips);
  }
}

function chip(level, text, title = "") {
  const made = document.createElement("span"), dot = document.createElement("span");
  made.className = `chip ${level}`;
  dot.className = `dot ${level}`;
  made.title = title;
  made.append(dot, text);
  return made;
}
