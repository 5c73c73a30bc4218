// The form of a call: the fields of the category that is chosen; nothing that was typed is lost without a question.
const form = document.getElementById("intake");
const category = document.getElementById("category");
const fields = document.getElementById("fields");
const signedOut = document.getElementById("signed-out");
const unsent = document.getElementById("unsent");
let isTyped = Boolean(form?.dataset.typed);
let isLeaving = false;

// `complaint=1n fault=3`: the place in each category's form, and whether it is needed there.
function places(element) {
  const known = new Map();
  for (const part of (element.dataset.in ?? "").split(" ")) {
    const [name, mark = ""] = part.split("=");
    known.set(name, { place: parseInt(mark, 10) || 0, needed: mark.endsWith("n") });
  }
  return known;
}

function choose() {
  const chosen = category.value;
  for (const element of form.querySelectorAll("[data-in]")) {
    const here = places(element).get(chosen);
    element.hidden = !here;
    const input = element.querySelector("[name^=field_]");
    if (!input) continue;
    input.required = Boolean(here?.needed);
    element.querySelector(".needed").hidden = !here?.needed;
  }
  const place = (element) => places(element).get(chosen)?.place ?? 1000;
  const focus = document.activeElement;
  fields.append(...[...fields.children].sort((a, b) => place(a) - place(b)));
  focus?.focus();
}

if (form) {
  document.getElementById("without-script").hidden = true;
  category.addEventListener("change", choose);
  choose();
}

// Whoever types is there: the session goes on.
let lastKept = Date.now();
document.getElementById("main").addEventListener("input", () => {
  isTyped = true;
  if (Date.now() - lastKept < 60_000) return;
  lastKept = Date.now();
  fetch("/desk").catch(() => {}); // away for a moment: found out when the form is sent
});
window.addEventListener("beforeunload", (event) => { if (isTyped && !isLeaving) event.preventDefault(); });

// The token of the session as it is now; null where nobody is signed in.
async function token() {
  const answer = await fetch("/desk");
  if (answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("meta[name=csrf]")?.content ?? null;
}

let isAsking = false;
for (const each of document.querySelectorAll("#main form")) {
  each.addEventListener("submit", async (event) => {
    if (isLeaving) return;
    event.preventDefault();
    if (isAsking) return;
    isAsking = true;
    signedOut.hidden = true;
    unsent.hidden = true;
    try {
      const csrf = await token();
      if (csrf) {
        for (const input of document.querySelectorAll("input[name=csrf]")) input.value = csrf;
        isLeaving = true;
        each.requestSubmit();
      } else {
        signedOut.hidden = false;
        signedOut.scrollIntoView();
      }
    } catch {
      unsent.hidden = false;
      unsent.scrollIntoView();
    } finally {
      isAsking = false;
    }
  });
}
// Back from the page after: it may be sent again.
window.addEventListener("pageshow", () => { isLeaving = false; });

// Whether the caller is still there, as one's own desk knows it.
const state = document.getElementById("call-state");
const here = location.pathname.split("/").pop();
let wasHere = false;
// A call that is over does not come back.
const stream = state.textContent === state.dataset.live ? new EventSource("/live/desk") : null;
stream?.addEventListener("message", (event) => {
  const view = JSON.parse(event.data);
  if (view.call === here) {
    wasHere = true;
    state.textContent = state.dataset.live;
  } else if (wasHere) {
    state.textContent = state.dataset.over;
  }
});
stream?.addEventListener("end", () => stream.close());
