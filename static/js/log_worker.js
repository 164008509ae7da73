// A worker: lines against patterns that hold an expression. Whoever asks ends it when it takes long.

import { compiled, match } from "./log_match.js";

addEventListener("message", ({ data: { patterns, texts } }) => {
  const wanted = compiled(patterns);
  postMessage({ ranges: texts.map((text) => match(wanted, text)) });
});
postMessage({ ready: true });
