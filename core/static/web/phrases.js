// A kept phrase goes where the writer is: at the cursor, on a line of its own.
export function phrases() {
  document.body.addEventListener("click", (event) => {
    const button = event.target.closest("[data-phrase-for]");
    if (!button) return;
    const field = document.getElementById(button.dataset.phraseFor);
    const text = button.parentElement.querySelector("[data-phrase]").textContent;
    const before = field.value.slice(0, field.selectionStart);
    field.setRangeText(before && !before.endsWith("\n") ? `\n${text}` : text, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
