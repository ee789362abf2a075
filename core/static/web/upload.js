// A form with files shows how far they have got, and can be stopped. The server's answer is shown as the browser would.
const NAMED = 1024 * 1024;

export function upload() {
  for (const form of document.querySelectorAll("form[data-upload]")) form.addEventListener("submit", (event) => start(form, event));
}

function start(form, event) {
  const files = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
  if (!files.length) return;
  event.preventDefault();
  const [bar, button, words] = [form.querySelector("progress"), form.querySelector("button:not([type=button])"), form.querySelector("[data-upload-words]")];
  const stop = form.querySelector("[data-upload-stop]");
  const sending = new XMLHttpRequest();

  function show(text, isBusy) {
    words.textContent = text;
    bar.hidden = stop.hidden = !isBusy;
    button.disabled = isBusy;
  }

  sending.upload.onprogress = ({ loaded, total }) => {
    bar.max = total;
    bar.value = loaded;
    words.textContent = loaded < total ? `${(loaded / NAMED).toFixed(1)} of ${(total / NAMED).toFixed(1)} MB` : "All sent. Being checked…";
  };
  sending.onload = () => {
    if (sending.status === 413 || sending.status >= 500) {
      show("That did not get through. Nothing was handed in.", false);
      return;
    }
    const page = new DOMParser().parseFromString(sending.responseText, "text/html");
    history.replaceState(null, "", sending.responseURL);
    document.title = page.title;
    document.getElementById("main").replaceWith(document.adoptNode(page.getElementById("main")));
    htmx.process(document.getElementById("main"));
    document.getElementById("main").focus();
    scrollTo(0, 0);
    upload();
  };
  // What had arrived in full by then is handed in, whatever was stopped here.
  const unsure = "Only what is listed as handed in has arrived.";
  sending.onerror = () => show(`The line broke. ${unsure}`, false);
  sending.onabort = () => show(`Stopped. ${unsure}`, false);
  stop.onclick = () => sending.abort();
  sending.open("POST", form.action);
  show("", true);
  sending.send(new FormData(form));
}
