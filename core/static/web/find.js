// Ctrl+K: a person or a page by a part of its name. The list is the one of the page that the link leads to.
const PATIENCE = 120;

export function find() {
  const link = document.querySelector("[data-find]");
  const dialog = document.getElementById("finder");
  if (!link || !dialog) return;
  const [field, list] = [dialog.querySelector("input"), dialog.querySelector("ul")];
  let timer = 0;
  let shown = null;

  async function look() {
    const asked = field.value;
    const answer = await fetch(`${link.href}?q=${encodeURIComponent(asked)}`, {
      headers: { "HX-Request": "true", "HX-Current-URL": location.href },
    }).catch(() => null);
    const away = answer?.headers.get("HX-Redirect");
    if (away) location.assign(away);
    if (away || !answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (asked !== field.value) return;
    list.replaceChildren(...page.getElementById("found").childNodes);
    shown = asked;
  }

  function open() {
    if (!dialog.open) dialog.showModal();
    field.value = "";
    list.replaceChildren();
    shown = null;
    field.focus();
    look();
  }

  // Who types quickly is taken to what was typed, not to what the list still shows.
  async function choose() {
    clearTimeout(timer);
    if (shown !== field.value) await look();
    if (shown === field.value) list.querySelector("a")?.click();
  }

  function step(by) {
    const every = [...list.querySelectorAll("a")];
    const next = every.indexOf(document.activeElement) + by;
    (next < 0 ? field : every[Math.min(next, every.length - 1)])?.focus();
  }

  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, PATIENCE); });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && event.target === field) {
      event.preventDefault();
      choose();
    }
  });
}
