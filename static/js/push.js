// The push form: a registry's button puts its address in front of the name.

const form = document.querySelector("[data-push]");
const input = form?.querySelector('input[name="target"]');

form?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill], [data-prefix]");
  if (!button) return;
  event.preventDefault();
  input.value = button.dataset.fill ?? button.dataset.prefix + bareName(input.value);
  input.focus();
  input.dispatchEvent(new Event("input", { bubbles: true }));
});

// Without the registry it begins with, if it begins with one.
function bareName(name) {
  const [first, ...rest] = name.split("/");
  return rest.length && /[.:]|^localhost$/.test(first) ? rest.join("/") : name;
}
