// A part of the page that the stream fetches anew keeps the focus, and waits while somebody writes in it.
const WRITTEN = "input:not([type=hidden], [type=checkbox], [type=radio]), textarea";
const held = new Map();

const isWritten = (part) => [...part.querySelectorAll(WRITTEN)].some((field) => field.value !== field.defaultValue);
const nameOf = (control) =>
  [control.tagName, control.name, control.value, control.href, control.form?.action, control.getAttribute("aria-label"), control.textContent].join("\n");
const alike = (part, name) => [...part.querySelectorAll("a, button, input, select, summary, textarea")].filter((each) => nameOf(each) === name);

function hold(event) {
  const cause = event.detail.requestConfig?.triggeringEvent;
  const part = event.detail.target;
  if (!cause?.type.startsWith("live:") || !isWritten(part)) return;
  event.preventDefault();
  held.set(part, cause.type);
}

// What was held back is fetched once the words are taken back; sent, they lead to the page anew.
function letGo() {
  for (const [part, type] of held) {
    if (part.isConnected && isWritten(part)) continue;
    held.delete(part);
    document.body.dispatchEvent(new CustomEvent(type));
  }
}

export function place() {
  let name = null;
  let number = 0;
  document.body.addEventListener("htmx:beforeRequest", hold);
  document.addEventListener("input", letGo);
  document.body.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    const here = document.activeElement;
    name = here && here !== target && target.contains(here) && !here.id ? nameOf(here) : null;
    if (name !== null) number = alike(target, name).indexOf(here);
  });
  document.body.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
    if (name !== null && document.activeElement === document.body) alike(target, name)[number]?.focus({ preventScroll: true });
    name = null;
  });
}
