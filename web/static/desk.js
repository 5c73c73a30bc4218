// One's own desk: the clocks as the server says them once a second; a part that has changed is taken from the page anew, but never
// one in which something is typed.
const desk = document.getElementById("desk");
const live = document.getElementById("live");
const lost = document.getElementById("lost");
const changed = document.getElementById("changed");
const typed = new Set();
let isRenewing = false;

const part = (element) => element.closest("[data-part]")?.dataset.part;

desk.addEventListener("input", (event) => {
  const name = part(event.target);
  if (name) typed.add(name);
});

function isBusy(section) {
  const active = document.activeElement;
  return typed.has(section.dataset.part) || (section.contains(active) && active.matches("input, select, textarea"));
}

function span(milliseconds) {
  const seconds = Math.floor(Math.max(0, milliseconds) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

// What has the focus, and what is unfolded, stays so.
function replace(old, fresh) {
  const focus = old.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...old.querySelectorAll("details[open]")].map((details) => details.id);
  old.replaceWith(fresh);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focus) document.getElementById(focus)?.focus();
  // Said aloud where somebody listens to the page; the clocks are not.
  live.textContent = [...desk.querySelectorAll("#state, #caller")].map((element) => element.textContent).join(" ");
}

async function renew() {
  if (isRenewing) return;
  isRenewing = true;
  try {
    const answer = await fetch("/desk", { headers: { "X-Hotline-Live": "1" } });
    if (answer.redirected) return ended();
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    let isLeft = false;
    for (const section of [...desk.querySelectorAll("[data-part]")]) {
      const fresh = page.querySelector(`[data-part="${section.dataset.part}"]`);
      if (!fresh || fresh.dataset.key === section.dataset.key) continue;
      if (isBusy(section)) isLeft = true;
      else replace(section, document.importNode(fresh, true));
    }
    changed.hidden = !isLeft;
  } catch {
    lost.hidden = false; // the server is away: asked again
  } finally {
    isRenewing = false;
  }
}

// The session is over: to the page where one signs in, unless something typed would be lost.
function ended() {
  if (typed.size === 0) location.reload();
  else changed.hidden = false;
}

function show(view) {
  for (const element of desk.querySelectorAll("[data-clock]")) {
    const milliseconds = view[element.dataset.clock] ?? null;
    if (milliseconds !== null) element.textContent = span(milliseconds);
  }
  const rings = desk.querySelector("[data-rings]");
  if (rings && (view.rings ?? null) !== null) rings.textContent = rings.dataset.word.replace("{n}", view.rings);
  for (const name of ["state", "call", "forms"]) {
    const section = desk.querySelector(`[data-part="${name}"]`);
    if (section && section.dataset.key !== (view[`${name}_key`] ?? "")) return renew();
  }
  changed.hidden = true;
}

const stream = new EventSource("/live/desk");
stream.addEventListener("message", (event) => {
  lost.hidden = true;
  document.documentElement.dataset.live = "yes";
  show(JSON.parse(event.data));
});
// The browser connects again by itself; until it has, the page is asked for.
stream.addEventListener("error", () => { lost.hidden = false; });
setInterval(() => { if (!lost.hidden) renew(); }, 5000);
stream.addEventListener("end", () => { stream.close(); ended(); });
