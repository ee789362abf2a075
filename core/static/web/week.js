// The editor of weekly hours: another span of a day, and one day's hours for the whole working week.
const WORKDAYS = 5;

function button(words, name, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "quiet";
  made.textContent = words;
  made.setAttribute("aria-label", name);
  made.addEventListener("click", act);
  return made;
}

// The empty pair that the server sent for want of a script is the first to be shown.
function another(spans) {
  const spare = spans.querySelector(".spare:not(:first-child)");
  if (spare) {
    spare.classList.remove("spare");
    return spare;
  }
  const fresh = spans.lastElementChild.cloneNode(true);
  for (const input of fresh.querySelectorAll("input")) input.value = "";
  spans.append(fresh);
  return fresh;
}

function copy(from, to) {
  const fields = (spans) => [...spans.querySelectorAll(".span:not(.spare:not(:first-child)) input")];
  const given = fields(from).map((input) => input.value);
  while (fields(to).length < given.length) another(to);
  fields(to).forEach((input, nth) => { input.value = given[nth] ?? ""; });
}

export function week() {
  for (const editor of document.querySelectorAll(".hours")) {
    const days = [...editor.querySelectorAll(".hours-day")];
    days.forEach((day, nth) => {
      const spans = day.querySelector(".hours-spans");
      const name = day.getAttribute("aria-label");
      day.append(button("+", `${name}: another span`, () => another(spans).querySelector("input").focus()));
      if (nth !== 0 || days.length === 1) return;
      day.append(button("Same until Friday", `${name}: the same hours until Friday`, () => {
        for (const other of days.slice(1, WORKDAYS)) copy(spans, other.querySelector(".hours-spans"));
      }));
    });
  }
}
