// The log page's own words and parts.

export const root = document.getElementById("logs");
const words = JSON.parse(document.getElementById("log-words").textContent);

export const at = (name) => root.querySelector(`[data-part="${name}"]`);

/** The sentence of a key, with %(names)s filled in. */
export const say = (word, values = {}) =>
  Object.entries(values).reduce((text, [key, value]) => text.replace(`%(${key})s`, () => value), words[word] ?? word);

export const socketAddress = (path) => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;

/** A button that is pressed or not; `act` gets which. */
export function toggle(name, act) {
  at(name).addEventListener("click", ({ currentTarget }) => {
    press(currentTarget, currentTarget.getAttribute("aria-pressed") !== "true");
    act(currentTarget.getAttribute("aria-pressed") === "true");
  });
}

export const press = (button, pressed) => button.setAttribute("aria-pressed", String(pressed));

export const pressed = (name) => at(name).getAttribute("aria-pressed") === "true";
