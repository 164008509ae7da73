// The words of this page (the JSON block #strings) and its icons.

const words = JSON.parse(document.getElementById("strings")?.textContent || "{}");

/** The text of a key in the page's language, with {names} filled in. */
export function text(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A decorative icon of the sprite, as an <svg> element. */
export function icon(name, css = "") {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("class", `i ${css}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(namespace, "use");
  use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

export const language = document.documentElement.lang || "en";

/** The token that every POST of a cookie user carries. */
export function csrfToken() {
  return JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}")["X-CSRFToken"];
}
