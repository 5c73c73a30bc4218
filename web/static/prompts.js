// Replaces a prompt: the recording is looked at by the server first, and taken once the person has said so.

import { element, foreign, word } from "./player-dom.js";
import { request } from "./player-data.js";

const form = document.getElementById("replace");
const file = document.getElementById("file");
const voice = document.getElementById("voice");
const licence = document.getElementById("licence");
const verdict = document.getElementById("verdict");
const check = document.getElementById("check");
const take = document.getElementById("take");
const most = Number(form.dataset.most);
const page = `/prompts/${encodeURIComponent(form.dataset.prompt)}`;
const place = `/api/v1${page}/audio`;
let sound = null;
// The file that the server would take.
let accepted = null;

async function put(query) {
  const token = document.querySelector('meta[name="csrf"]')?.content ?? "";
  const response = await request(`${place}?${query}`, {
    method: "PUT",
    headers: { "Content-Type": "application/octet-stream", "X-CSRF-Token": token },
    body: file.files[0],
  });
  return response.json();
}

function say(look, ...parts) {
  verdict.replaceChildren(element("div", { class: `alert alert-${look}` }, ...parts));
}

function finding(found) {
  const look = found.severity === "error" ? "text-bg-danger" : "text-bg-warning";
  return element(
    "li", {},
    element("span", { class: `badge ${look}` }, word(`finding_${found.kind}`)), " ", foreign(found.message),
    element("br"), element("small", {}, foreign(found.advice)),
  );
}

function show(found) {
  const lines = [element("p", { class: "mb-1 fw-bold" }, word(found.accepted ? "accepted" : "refused"))];
  if (found.length_ms !== null) lines.push(element("p", { class: "mb-1" }, word("length", { seconds: (found.length_ms / 1000).toFixed(1) })));
  if (found.level_dbfs !== null) {
    lines.push(element("p", { class: "mb-1" }, word("level", {
      level: found.level_dbfs.toFixed(1), target: found.target_dbfs, rate: found.rate, channels: found.channels,
    })));
  }
  if (found.findings.length > 0) lines.push(element("ul", { class: "mb-1" }, ...found.findings.map(finding)));
  if (sound) URL.revokeObjectURL(sound);
  sound = URL.createObjectURL(file.files[0]);
  lines.push(element("audio", { class: "listen", controls: true, src: sound, "aria-label": word("listen") }));
  say(found.accepted ? (found.findings.length > 0 ? "warning" : "success") : "danger", ...lines);
}

/** Whether the fields hold what is needed; says so where they do not. */
function isReady() {
  if (file.files.length === 0) {
    say("danger", word("choose"));
    file.focus();
    return false;
  }
  if (file.files[0].size > most) {
    say("danger", word("large"));
    file.focus();
    return false;
  }
  return true;
}

async function work(text, step) {
  check.disabled = true;
  take.disabled = true;
  say("info", text);
  try {
    await step();
  } catch (error) {
    say("danger", error.message);
  } finally {
    check.disabled = false;
    take.disabled = accepted === null || accepted !== file.files[0];
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!isReady()) return;
  const chosen = file.files[0];
  work(word("checking"), async () => {
    accepted = null;
    const found = await put("check=true");
    show(found);
    if (found.accepted) accepted = chosen;
  });
});

take.addEventListener("click", () => {
  if (!isReady()) return;
  if (voice.value.trim() === "" || licence.value.trim() === "") {
    say("danger", word("credit"));
    (voice.value.trim() === "" ? voice : licence).focus();
    return;
  }
  const credit = `voice=${encodeURIComponent(voice.value.trim())}&licence=${encodeURIComponent(licence.value.trim())}`;
  work(word("taking"), async () => {
    const replaced = await put(credit);
    window.location.assign(`${page}?done=${replaced.played ? "prompt_replaced" : "prompt_later"}`);
  });
});

file.addEventListener("change", () => {
  accepted = null;
  take.disabled = true;
  verdict.replaceChildren();
});

form.hidden = false;
