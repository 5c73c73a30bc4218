// The call's events beside the audio: which matter, how they read, and a list of buttons that go there.

import { clock, element, foreign, word } from "./player-dom.js";

/** Events that people look for, and how they are drawn. All others are shown on demand. */
const looks = {
  recording_notice: "prompt", announced: "prompt", apology_played: "prompt",
  key: "key", key_secret: "key",
  message_started: "message", message_ended: "message", message_left: "message",
  queue_entered: "agent", queue_left: "agent", agent_answered: "agent", agent_left: "agent", agent_held: "agent",
  transferred: "agent",
  order_created: "order", rated: "order", call_back_asked: "order",
  call_marked: "alarm", norm_broken: "alarm", qa_flagged: "alarm", gap: "alarm", rtp_inactive: "alarm",
  recording_cut: "alarm", recording_pause_refused: "alarm", command_refused: "alarm",
  recording_paused: "pause", recording_resumed: "pause",
  call_released: "end",
};

/** Which fields of an event are shown. Never all: the code that opens an order to its caller is among them. */
const fields = {
  key: ["key"], key_up: ["key"], key_ignored: ["key"], global_key: ["key"], play: ["items"], step: ["step", "verb"],
  announced: ["items"], queue_entered: ["queue", "skill"], queue_left: ["queue", "exit"],
  agent_offered: ["agent"], agent_alerted: ["agent"], offer_ended: ["agent", "outcome"], agent_answered: ["agent"],
  agent_left: ["agent"], agent_held: ["agent"], transferred: ["from", "to", "kind"], segment_began: ["role", "agent"],
  order_created: ["number", "category"], order: ["number"], rated: ["agent", "score"], call_marked: ["mark", "degree", "note"],
  norm_broken: ["rule", "profile"], qa_flagged: ["word"], recording_paused: ["reason", "agent"],
  recording_resumed: ["by", "agent"], recording_pause_refused: ["reason"], command_refused: ["command", "reason"],
  call_released: ["releasedBy", "outcome"], first_packet: ["source"], latched: ["source"], lookup: ["source"],
};

const titleOf = (event) => {
  if (event.kind === "agent_held" && event.data?.isHeld === "false") return word("event_agent_unheld");
  return word(`event_${event.kind}`, {}, String(event.kind).replaceAll("_", " "));
};

/** Fields whose values are words of ours. */
const spoken = new Set(["releasedBy", "outcome", "category", "exit", "kind", "mark", "role", "by"]);

function detailOf(event) {
  const shown = (fields[event.kind] ?? []).filter((name) => event.data?.[name]).map((name) => {
    const text = String(event.data[name]).slice(0, 200);
    return spoken.has(name) ? word(`value_${text}`, {}, text) : text;
  });
  return [...new Set(shown)].join(" · ");
}

export class EventList {
  constructor(seek) {
    this.seek = seek;
    this.events = [];
    this.places = [];
    this.buttons = [];
    this.current = null;
    this.list = element("ol", { class: "list-unstyled player-list mb-0", "aria-labelledby": "player-events-title" });
    this.all = element("input", {
      type: "checkbox", id: "player-all-events", onchange: () => this.#fill(),
    });
    this.root = element(
      "section",
      { class: "player-panel" },
      element(
        "div",
        { class: "d-flex justify-content-between align-items-baseline" },
        element("h2", { class: "h6 mb-1", id: "player-events-title" }, word("events")),
        element(
          "div",
          { class: "player-check" },
          this.all,
          element("label", { for: "player-all-events" }, word("events_all")),
        ),
      ),
      this.list,
    );
  }

  set(events) {
    this.events = events
      .filter((event) => Number.isFinite(event.position_ms))
      .sort((a, b) => a.position_ms - b.position_ms || a.seq - b.seq);
    this.#fill();
  }

  get markers() {
    return this.events.filter((event) => looks[event.kind]).map((event) => ({
      ms: event.position_ms,
      look: looks[event.kind],
      title: [clock(event.position_ms, true), titleOf(event), detailOf(event)].filter(Boolean).join(" "),
    }));
  }

  #fill() {
    const shown = this.all.checked ? this.events : this.events.filter((event) => looks[event.kind]);
    this.current = null;
    this.places = shown.map((event) => event.position_ms);
    this.buttons = shown.map((event) => {
      const detail = detailOf(event);
      const button = element(
        "button",
        { type: "button", class: "player-jump", "data-ms": event.position_ms, "data-kind": event.kind },
        element("span", { class: `player-dot player-mark-${looks[event.kind] ?? "other"}`, "aria-hidden": "true" }),
        element("span", { class: "player-time" }, clock(event.position_ms, true)),
        " ",
        element("span", {}, titleOf(event)),
        detail ? element("span", { class: "player-detail" }, " ", foreign(detail)) : null,
      );
      button.addEventListener("click", () => this.seek(event.position_ms));
      return button;
    });
    const rows = this.buttons.map((button) => element("li", {}, button));
    this.list.replaceChildren(...(rows.length > 0 ? rows : [element("li", { class: "player-none" }, word("events_none"))]));
  }

  /** Marks the last event before the place. */
  show(ms) {
    let index = this.places.length - 1;
    while (index >= 0 && this.places[index] > ms + 1) index -= 1;
    const now = this.buttons[index] ?? null;
    if (now === this.current) return;
    this.current?.removeAttribute("aria-current");
    now?.setAttribute("aria-current", "true");
    this.current = now;
    // Only the list itself is scrolled, never the page, and never under somebody's fingers.
    if (!now || this.list.contains(document.activeElement)) return;
    const row = now.parentElement;
    if (row.offsetTop < this.list.scrollTop || row.offsetTop + row.offsetHeight > this.list.scrollTop + this.list.clientHeight) {
      this.list.scrollTop = row.offsetTop - this.list.clientHeight / 3;
    }
  }
}
