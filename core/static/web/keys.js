// Single-key shortcuts. Off while somebody types, in dialogs and with modifier keys; a switch turns them all off
// (WCAG 2.1.4). The switch lives in this browser.
import { press, undo } from "./act.js";

const SWITCH = "shortcuts";
const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], dialog";
const FIELDS = "input:not([type=hidden]), select, textarea";

const rows = () => [...document.querySelectorAll("#rows .row .open")];

function move(step) {
  const all = rows();
  const here = all.indexOf(document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step;
  all[Math.max(0, Math.min(next, all.length - 1))]?.focus();
}

const help = () => document.getElementById("help");
const ofList = {
  j: () => move(1),
  k: () => move(-1),
  e: () => press("done"),
  s: () => press("later"),
  z: undo,
  n: () => document.querySelector("#arrivals:not([hidden])")?.click(),
  "/": () => document.querySelector("[data-filter]")?.focus(),
};

// What a page gives a key of its own: a closed part opens and its first field has the focus, a field has it, a link goes.
function reach(target) {
  const inside = target.matches("summary") ? target.parentElement : target;
  if (target.matches("summary")) inside.open = true;
  const field = inside.querySelector(FIELDS) ?? (target.matches("summary") ? inside.querySelector("button, a") ?? target : null);
  if (field) field.focus();
  else target.click();
}

export const singleKeys = () => localStorage.getItem(SWITCH) !== "off";

function switches() {
  const boxes = [...document.querySelectorAll("[data-single-keys]")];
  for (const box of boxes) {
    box.checked = singleKeys();
    box.addEventListener("change", () => {
      localStorage.setItem(SWITCH, box.checked ? "on" : "off");
      for (const other of boxes) other.checked = box.checked;
    });
  }
}

export function keys() {
  switches();
  for (const opener of document.querySelectorAll("[data-opens-help]")) opener.addEventListener("click", () => help()?.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.target.closest("form[data-quick-send]")?.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !singleKeys()) return;
    if (event.target.closest(TYPING)) return;
    const own = /^[a-z]$/.test(event.key) ? document.querySelector(`[data-key="${event.key}"]`) : null;
    const act = own ? () => reach(own) : event.key === "?" ? () => help()?.showModal() : document.getElementById("rows") && ofList[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
