// The open list follows the database: changed rows change in place, finished ones go, new ones wait behind a bar while
// somebody is at work in the list, so that nothing moves under the cursor.
import { isGone } from "./act.js";

const PATIENCE = 150;

const list = () => document.getElementById("rows");
const bar = () => document.getElementById("arrivals");

function busy() {
  return list().contains(document.activeElement) || list().matches(":hover") || scrollY > 200;
}

async function read() {
  const answer = await fetch(location.href, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
  const away = answer.headers.get("HX-Redirect");
  if (away) location.assign(away);
  if (away || !answer.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function update(now, then) {
  if (now.innerHTML === then.innerHTML) return;
  const focused = now.contains(document.activeElement);
  now.replaceChildren(...then.childNodes);
  if (focused) now.querySelector(".open")?.focus({ preventScroll: true });
}

function remove(item) {
  const focused = item.contains(document.activeElement);
  const neighbour = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  if (focused) neighbour?.querySelector(".open")?.focus();
}

// Puts the list into the server's order, with the new rows; the focused element stays in the page all the while.
function arrange(fresh) {
  const known = new Map([...list().children].map((item) => [item.id, item]));
  let before = null;
  for (const then of [...fresh.children].filter((item) => !isGone(item.id)).reverse()) {
    const item = known.get(then.id) ?? document.importNode(then, true);
    if (!known.has(then.id) && then.id) item.querySelector(".row")?.classList.add("arrived");
    if (item.nextElementSibling !== before || !item.isConnected) {
      const focused = item.contains(document.activeElement) ? document.activeElement : null;
      list().insertBefore(item, before);
      focused?.focus({ preventScroll: true });
    }
    before = item;
  }
  bar().hidden = true;
}

function merge(page) {
  const fresh = page.getElementById("rows");
  for (const item of [...fresh.children]) if (isGone(item.id)) item.remove();
  for (const name of ["counters", "more"]) {
    const now = document.getElementById(name);
    const then = page.getElementById(name);
    if (now && then) now.replaceWith(then);
  }
  for (const item of [...list().children]) {
    const then = item.id ? fresh.querySelector(`#${CSS.escape(item.id)}`) : null;
    if (then) update(item, then.cloneNode(true));
    else remove(item);
  }
  const arrived = [...fresh.children].filter((item) => item.id && !document.getElementById(item.id)).length;
  if (arrived && busy()) {
    bar().textContent = `${arrived} new`;
    bar().hidden = false;
    bar().onclick = () => { arrange(fresh); list().querySelector(".arrived .open")?.focus(); };
  } else if (arrived || !busy()) {
    arrange(fresh);
  }
  document.body.dispatchEvent(new Event("rows:changed"));
  wake();
}

// What was put off comes back by itself. A clock that is ahead of the server's asks again, at its leisure.
const LEISURE = 5000;
let waking = 0;
function wake() {
  clearTimeout(waking);
  const at = Date.parse(document.getElementById("more")?.dataset.wakes ?? "");
  if (at) waking = setTimeout(() => document.body.dispatchEvent(new Event("live:work_queue")), Math.min(Math.max(at - Date.now() + 1000, LEISURE), 2 ** 31 - 1));
}

export function queue() {
  let timer = 0;
  let reading = false;
  let again = false;

  async function refresh() {
    if (reading) {
      again = true;
      return;
    }
    reading = true;
    try {
      const page = await read();
      if (page) merge(page);
    } finally {
      reading = false;
      if (again) {
        again = false;
        refresh();
      }
    }
  }

  wake();
  document.body.addEventListener("htmx:afterSettle", wake);
  for (const name of ["work_queue", "snapshot", "reset"]) {
    document.body.addEventListener(`live:${name}`, () => {
      clearTimeout(timer);
      timer = setTimeout(refresh, PATIENCE);
    });
  }
}
