// Due times as words, repainted in place: nothing moves, only the text and its colour.
const MINUTE = 60000;

export function words(due, now) {
  const minutes = Math.round((due - now) / MINUTE);
  const size = Math.abs(minutes);
  const span = size < 90 ? `${size} min` : size <= 2880 ? `${Math.round(size / 60)} h` : `${Math.round(size / 1440)} days`;
  return minutes < 0 ? `${span} late` : `in ${span}`;
}

export function level(due, now) {
  if (due < now) return "late";
  return due - now < 240 * MINUTE ? "soon" : "ok";
}

function paint() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time.due[datetime]")) {
    const due = Date.parse(time.dateTime);
    const text = words(due, now);
    if (time.textContent !== text) time.textContent = text;
    time.dataset.level = level(due, now);
    const row = time.closest(".row");
    if (row) row.dataset.level = time.dataset.level;
  }
}

export function sla() {
  paint();
  setInterval(paint, 15000);
  document.body.addEventListener("htmx:afterSettle", paint);
  document.body.addEventListener("rows:changed", paint);
}
