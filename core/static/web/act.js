// Keys e, s and z on the open row, and its buttons. The row goes at once and the next one has the focus; the server is
// told when nobody undid it for a while, when the next one is done, or when the page goes. Nothing is lost by a crash:
// the row is then simply back. What is about to run out is told at once.
const PATIENCE = 7000;
const CLOSE_TO_DUE = 60000;

const form = () => document.getElementById("act");
const bar = () => document.getElementById("undo");
let pending = null;

export const isGone = (id) => pending?.item.id === id;

function body(button) {
  const data = new URLSearchParams(new FormData(form()));
  data.set(button.name, button.value);
  return data;
}

function say(text) {
  if (text) bar().firstElementChild.textContent = text;
  bar().lastElementChild.hidden = Boolean(text);
  bar().hidden = !text;
}

function putBack({ item, next, parent }) {
  document.getElementById(item.id)?.remove();
  parent.insertBefore(item, next?.isConnected ? next : null);
  item.querySelector(".open")?.focus();
}

async function send() {
  if (!pending) return;
  const { timer, data, ...place } = pending;
  clearTimeout(timer);
  pending = null;
  say("");
  const answer = await fetch(form().action, {
    method: "POST", body: data, headers: { "HX-Request": "true" }, keepalive: true,
  }).catch(() => null);
  const away = answer?.headers.get("HX-Redirect");
  if (answer?.ok && !away) return;
  putBack(place);
  if (away) {
    location.assign(away);
    return;
  }
  say(answer?.status === 409 || answer?.status === 422 ? await answer.text() : "That did not get through. The item is back.");
  // The next one may be waiting already, and can still be undone.
  bar().lastElementChild.hidden = !pending;
}

export function undo() {
  if (!pending) return;
  clearTimeout(pending.timer);
  putBack(pending);
  pending = null;
  say("");
}

export function act(button) {
  const item = button.closest("li");
  send();
  const neighbour = item.nextElementSibling ?? item.previousElementSibling;
  const due = Date.parse(item.querySelector("time.due")?.dateTime ?? "");
  pending = { item, parent: item.parentElement, next: item.nextElementSibling, data: body(button), timer: 0 };
  const name = item.querySelector(".open").textContent;
  item.remove();
  neighbour?.querySelector(".open")?.focus();
  if (Math.abs(due - Date.now()) < CLOSE_TO_DUE) {
    send();
    return;
  }
  const said = { done: "Done", later: `Put off until ${form().dataset.later}`, wake: "Back in the queue" }[button.name];
  say(`${said}: ${name}.`);
  bar().lastElementChild.hidden = false;
  pending.timer = setTimeout(send, PATIENCE);
}

// For a key: the button of the row that has the focus, or what Enter would do where the row has none.
export function press(name) {
  const row = document.activeElement?.closest("#rows li");
  if (!row) return;
  const button = row.querySelector(`button[name="${name}"]`);
  if (button) act(button);
  else if (name === "done") row.querySelector(".open")?.click();
}

export function acts() {
  if (!form()) return;
  form().addEventListener("submit", (event) => {
    if (!event.submitter?.closest("#rows")) return;
    event.preventDefault();
    act(event.submitter);
  });
  bar().lastElementChild.addEventListener("click", undo);
  addEventListener("pagehide", send);
}
