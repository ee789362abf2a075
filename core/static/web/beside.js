// Beside the list, on wide screens: the mentee of the row that has the focus, or of the first one at the beginning.
const PATIENCE = 120;
const aside = () => document.getElementById("beside");

export function beside() {
  if (!aside()) return;
  let shown = "";
  let timer = 0;

  async function show(url) {
    shown = url;
    const answer = await fetch(url, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } }).catch(() => null);
    const words = answer?.ok && !answer.headers.get("HX-Redirect") ? await answer.text() : null;
    if (words === null || shown !== url) return;
    aside().replaceChildren(...new DOMParser().parseFromString(words, "text/html").body.childNodes);
  }

  function look(item, patience, again = false) {
    const url = item?.dataset.beside;
    if (!url || (url === shown && !again) || !aside().checkVisibility()) return;
    clearTimeout(timer);
    timer = setTimeout(() => show(url), patience);
  }

  const first = () => document.querySelector("#rows li[data-beside]");
  document.body.addEventListener("focusin", (event) => look(event.target.closest("#rows li"), PATIENCE));
  document.body.addEventListener("rows:changed", () => {
    look(document.activeElement?.closest("#rows li") ?? document.querySelector(`#rows li[data-beside="${shown}"]`) ?? first(), PATIENCE, true);
  });
  document.body.addEventListener("htmx:afterSettle", () => look(first(), PATIENCE, !aside().querySelector(".glance")));
  look(first(), 0);
}
