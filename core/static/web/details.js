// A part of the page that is fetched anew comes with its details closed: what somebody has opened stays open.
export function details() {
  let open = new Map();
  document.body.addEventListener("htmx:beforeSwap", () => {
    open = new Map([...document.querySelectorAll("details[id]")].map((each) => [each.id, each.open]));
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    for (const each of document.querySelectorAll("details[id]")) each.open = open.get(each.id) ?? each.open;
  });
}
