// The scoring form beside the player: an item's place is where the player stands, or the player goes there.
const player = document.getElementById("player");
const here = document.getElementById("score-words")?.dataset.here;

for (const input of document.querySelectorAll("input.position")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm btn-outline-secondary";
  button.textContent = here;
  const label = document.querySelector(`label[for="${input.id}"]`)?.textContent;
  if (label) button.setAttribute("aria-label", `${here}：${label}`);
  button.addEventListener("click", () => {
    // Empty takes the place from the player; a place leads there.
    if (input.value === "") input.value = (Number(player.dataset.positionMs || 0) / 1000).toFixed(1);
    else location.hash = `#t=${input.value}`;
  });
  input.after(button);
}

// What is typed is not lost by a slip.
const form = document.getElementById("score");
let isTouched = false;
form?.addEventListener("input", () => { isTouched = true; });
form?.addEventListener("submit", () => { isTouched = false; });
addEventListener("beforeunload", (event) => { if (isTouched) event.preventDefault(); });
