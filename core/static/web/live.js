// One EventSource for all tabs of a browser: HTTP/1.1 allows six connections to a host. The tab that holds the Web
// Lock reads the stream and passes each event on. The browser itself resumes with Last-Event-ID after a dropped
// connection, but gives up on an error answer: then the stream is reopened with ?after=<last number>.
const NAMES = ["snapshot", "work_queue", "session", "risk_alert", "capacity", "dashboard", "match_run", "notification", "reset"];
const SHORTEST = 500;
const LONGEST = 30000;
const SIGNED_OUT = "signed out";

export function live(url, start, chip) {
  const channel = new BroadcastChannel(`live:${url}`);
  const missed = new Set();
  let last = Number(start || 0);
  let source = null;
  let tries = 0;
  let timer = 0;
  let letGo = null;
  let state = "connecting";

  function show(next) {
    state = next;
    if (chip && chip.textContent !== next) {
      chip.dataset.state = next;
      chip.textContent = next;
    }
  }

  // A tab nobody looks at only remembers what happened; it catches up when it is shown.
  function tell(name) {
    if (document.visibilityState === "visible") document.body.dispatchEvent(new CustomEvent(`live:${name}`));
    else missed.add(name);
  }

  function hear(message) {
    if (message.state) show(message.state);
    if (message.anew) last = -1;
    if (message.last !== undefined && message.last > last) {
      last = message.last;
      tell(message.name ?? "reset");
    }
  }

  function pass(message) {
    hear(message);
    channel.postMessage(message);
  }

  // EventSource hides the status of a refusal. Ask once more by fetch, and only for the status.
  async function refused() {
    const asking = new AbortController();
    try {
      const answer = await fetch(url, { headers: { Accept: "text/event-stream" }, signal: asking.signal });
      return answer.status === 401 || answer.status === 403;
    } catch {
      return false;
    } finally {
      asking.abort();
    }
  }

  async function failed() {
    if (source.readyState !== EventSource.CLOSED) {
      pass({ state: "reconnecting" });
      return;
    }
    source = null;
    if (await refused()) {
      pass({ state: SIGNED_OUT });
      letGo?.(); // a tab of whoever signs in again reads the stream
      return;
    }
    pass({ state: "reconnecting" });
    timer = setTimeout(open, Math.min(LONGEST, SHORTEST * 2 ** tries++) * (0.7 + Math.random() * 0.6));
  }

  function open() {
    source = new EventSource(`${url}?after=${last}`);
    source.onopen = () => { tries = 0; pass({ state: "live" }); };
    source.onerror = failed;
    for (const name of NAMES) {
      source.addEventListener(name, (event) => {
        // After a reset the numbers may start anew, in every tab.
        pass({ name, last: Number(event.lastEventId || 0), anew: name === "reset" || name === "snapshot" });
      });
    }
  }

  channel.onmessage = ({ data }) => {
    if (!data.ask) hear(data);
    else if (source) channel.postMessage({ state, last });
  };

  function lead() {
    open();
    return new Promise((resolve) => { letGo = resolve; });
  }

  function join() {
    if (!navigator.locks) {
      lead();
      return;
    }
    navigator.locks.request(`live:${url}`, lead);
    channel.postMessage({ ask: true });
  }

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    const names = [...missed];
    missed.clear();
    names.forEach(tell);
  });
  addEventListener("pagehide", () => {
    clearTimeout(timer);
    source?.close();
    source = null;
    letGo?.();
  });
  addEventListener("pageshow", (event) => { if (event.persisted) join(); });
  join();
}
