// The buttons above the waveform, and the keys that do the same.

import { element, icon, word } from "./player-dom.js";
import { channels } from "./player-sound.js";

/** A page's address from the server: of this site alone. */
const ownAddress = (text) => (text && /^\/(?![/\\])/.test(text) ? text : null);

export class Controls {
  /** @param act what a button does: `toggle`, `skip(ms)`, `speed(steps)`, `silence()`, `channel(name)`, `zoom(factor)` */
  constructor(data, act) {
    const button = (id, keys, label, click, ...content) =>
      element("button", {
        type: "button", class: "btn btn-outline-secondary", id: `player-${id}`, title: label, "aria-label": label,
        "aria-keyshortcuts": keys, onclick: click,
      }, ...content);
    const link = (name, keys, address) =>
      ownAddress(address)
        ? element("a", {
          class: "btn btn-outline-secondary", id: `player-${name}`, href: address, rel: name === "next" ? "next" : "prev",
          title: word(name), "aria-label": word(name), "aria-keyshortcuts": keys,
        }, icon(name))
        : null;
    this.previous = link("previous", "PageUp", data.previous);
    this.next = link("next", "PageDown", data.next);
    this.playIcon = element("span", { "aria-hidden": "true" }, icon("play"));
    this.playWord = element("span", {}, word("play"));
    this.play = element("button", {
      type: "button", class: "btn btn-primary player-play", id: "player-play", "aria-keyshortcuts": "Space K",
      onclick: act.toggle,
    }, this.playIcon, " ", this.playWord);
    this.time = element("output", { class: "player-clock", id: "player-clock", "aria-live": "off" });
    this.state = element("span", { class: "player-state", id: "player-loading" });
    this.slower = button("slower", "[", word("slower"), () => act.speed(-1), "−");
    this.faster = button("faster", "]", word("faster"), () => act.speed(1), "+");
    this.speed = element("span", { class: "player-speed", id: "player-speed" }, "1×");
    this.silence = element("button", {
      type: "button", class: "btn btn-outline-secondary btn-sm", id: "player-silence", "aria-pressed": "false",
      "aria-keyshortcuts": "S", onclick: act.silence,
    }, word("skip_silence"), " ", this.saved = element("span", { class: "player-saved" }));
    this.channels = new Map(channels.map((name, index) => [name, element("button", {
      type: "button", class: "btn btn-outline-secondary", id: `player-channel-${name}`, "aria-pressed": String(index === 0),
      "aria-keyshortcuts": String(index + 1), onclick: () => act.channel(name),
    }, word(`channel_${name}`))]));
    this.channelGroup = this.#group(word("channel"), ...this.channels.values());
    this.zoomOut = button("zoom-out", "-", word("zoom_out"), () => act.zoom(0.5), "−");
    this.zoomIn = button("zoom-in", "+", word("zoom_in"), () => act.zoom(2), "+");
    this.zoomWhole = button("zoom-whole", "0", word("zoom_whole"), () => act.zoom(0), word("whole"));
    this.root = element(
      "div",
      { class: "player-controls", role: "group", "aria-label": word("controls") },
      this.#group(
        word("playing"),
        this.previous,
        button("back", "J", word("back"), () => act.skip(-10000), icon("back"), " 10"),
        this.play,
        button("forward", "L", word("forward"), () => act.skip(10000), "10 ", icon("forward")),
        this.next,
      ),
      element("div", { class: "player-times" }, this.time),
      element("div", { class: "player-field" },
        element("span", { class: "player-caption" }, word("speed")), this.#group(word("speed"), this.slower, this.speed, this.faster)),
      this.silence,
      this.channelGroup,
      element("div", { class: "player-field ms-auto" },
        element("span", { class: "player-caption" }, word("zoom")),
        this.#group(word("zoom"), this.zoomOut, this.zoomWhole, this.zoomIn)),
    );
  }

  #group(label, ...members) {
    return element("div", { class: "btn-group btn-group-sm", role: "group", "aria-label": label }, ...members);
  }

  showPlaying(isPlaying) {
    this.playIcon.replaceChildren(icon(isPlaying ? "pause" : "play"));
    this.playWord.textContent = word(isPlaying ? "pause" : "play");
  }

  showChannel(name) {
    for (const [channel, button] of this.channels) button.setAttribute("aria-pressed", String(channel === name));
  }
}

/** Typing is typing: what the focus is on decides who gets a key. */
function belongsElsewhere(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return true;
  const target = event.target instanceof Element ? event.target : document.body;
  if (target.closest("textarea, select, [contenteditable]:not([contenteditable=false]), .modal, [role=menu], .dropdown-menu")) return true;
  const input = target.closest("input");
  if (input && !["checkbox", "button", "submit", "reset"].includes(input.type)) return true;
  return [" ", "Enter"].includes(event.key) && target.closest("button, a, summary, input") !== null;
}

/** @param keys a function each key; one that answers false leaves the key to the page. */
export function listenForKeys(keys) {
  document.addEventListener("keydown", (event) => {
    if (belongsElsewhere(event) || (event.shiftKey && event.key !== "+")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!Object.hasOwn(keys, key) || keys[key](event) === false) return;
    event.preventDefault();
  });
}

/** The line that tells the keys. */
export function helpLine(mayNote) {
  const rows = [
    [["Space", "K"], "play_pause"], [["J", "L"], "ten_seconds"], [["←", "→"], "five_seconds"], [["[", "]"], "speed"],
    [["S"], "skip_silence"], [["1", "2", "3"], "channel"], [["+", "−", "0"], "zoom"],
    ...(mayNote ? [[["N"], "note_now"]] : []), [["Home", "End"], "begin_end"], [["PageUp", "PageDown"], "previous_next"],
  ];
  return element(
    "p",
    { class: "player-help", id: "player-help" },
    element("strong", {}, word("keys")),
    ...rows.map(([keys, name]) =>
      element("span", {}, ...keys.map((key) => element("kbd", {}, word(`key_${key}`, {}, key))), ` ${word(name)}`)),
  );
}
