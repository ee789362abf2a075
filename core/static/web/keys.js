// Single-key shortcuts. Off while somebody types, in dialogs and with modifier keys; a switch turns them all off
// (WCAG 2.1.4). The switch lives in this browser.
const SWITCH = "shortcuts";
const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], dialog";

const rows = () => [...document.querySelectorAll("#rows .row .open")];

function move(step) {
  const all = rows();
  const here = all.indexOf(document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step;
  all[Math.max(0, Math.min(next, all.length - 1))]?.focus();
}

const help = () => document.getElementById("help");
const actions = {
  j: () => move(1),
  k: () => move(-1),
  "/": () => document.querySelector("[data-filter]")?.focus(),
  "?": () => help()?.showModal(),
};

export const singleKeys = () => localStorage.getItem(SWITCH) !== "off";

export function keys() {
  const box = document.getElementById("single-keys");
  if (box) {
    box.checked = singleKeys();
    box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
  }
  for (const opener of document.querySelectorAll("[data-opens-help]")) opener.addEventListener("click", () => help()?.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !singleKeys()) return;
    if (event.target.closest(TYPING) || !document.getElementById("rows")) return;
    const act = actions[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
