// What is shown, as a file: the lines that are held, without those that the filter hides.

import { Line } from "./log_line.js";

export function saveShown(page) {
  const lines = page.store.items.filter((item) => item instanceof Line && page.shows(item));
  const named = (line) => (page.several ? `${page.look.names[line.source]} | ` : "");
  const parts = lines.map((line) => `${named(line)}${line.text}\n`);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "text/plain" }));
  link.download = `${page.containers.map((one) => one.name).join("-")}-shown.log`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
