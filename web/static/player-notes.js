// Notes of a recording: a list whose times go there, and a form that pins one to an instant.

import { clock, element, foreign, localTime, word } from "./player-dom.js";
import { post, requestJSON } from "./player-data.js";

/** What the server takes, in bytes of UTF-8. */
const bytesAtMost = 6000;

export class NoteList {
  /** @param player `seek(ms)`, `position()`, `tell(error)`, `say(text)`, `changed()`, `leave()` */
  constructor(url, mayNote, player) {
    this.url = url;
    this.player = player;
    this.notes = [];
    // The instant that the form is pinned to; null: the present one, until the first letter.
    this.pinned = null;
    this.list = element("ol", { class: "list-unstyled player-list mb-0", "aria-labelledby": "player-notes-title" });
    this.root = element(
      "section",
      { class: "player-panel" },
      element("h2", { class: "h6 mb-1", id: "player-notes-title" }, word("notes")),
      this.list,
      mayNote ? this.#makeForm() : null,
    );
  }

  #makeForm() {
    this.text = element("textarea", {
      class: "form-control form-control-sm", id: "player-note-text", rows: "2", required: true,
      "aria-describedby": "player-note-complaint", placeholder: word("note_placeholder"),
    });
    this.place = element("span", { class: "player-time", id: "player-note-place" });
    this.whole = element("input", { type: "checkbox", id: "player-note-whole" });
    this.complaint = element("div", { class: "text-danger small", id: "player-note-complaint", role: "alert" });
    this.send = element("button", { type: "submit", class: "btn btn-sm btn-primary" }, word("note_save"));
    this.text.addEventListener("input", () => {
      this.complaint.textContent = "";
      if (this.text.value === "") this.pinned = null;
      else this.pinned ??= this.player.position();
      this.show();
    });
    this.text.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") this.player.leave();
      else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
      else return;
      event.preventDefault();
    });
    this.whole.addEventListener("change", () => this.show());
    this.form = element(
      "form",
      { class: "mt-2", id: "player-note-form", novalidate: true },
      element(
        "label",
        { class: "form-label small mb-1", for: "player-note-text" }, word("note_at"), " ", this.place,
      ),
      this.text,
      this.complaint,
      element(
        "div",
        { class: "d-flex gap-3 align-items-center mt-1 flex-wrap" },
        this.send,
        element("button", {
          type: "button", class: "btn btn-sm btn-outline-secondary", id: "player-note-here",
          onclick: () => this.begin(),
        }, word("note_here")),
        element(
          "div",
          { class: "player-check" },
          this.whole,
          element("label", { for: "player-note-whole" }, word("note_whole")),
        ),
      ),
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    return this.form;
  }

  /** Pins the form to the present instant, and goes there. */
  begin() {
    if (!this.form) return false;
    this.pinned = this.player.position();
    this.whole.checked = false;
    this.show();
    this.text.focus();
    return true;
  }

  show() {
    if (!this.form) return;
    const text = this.whole.checked ? "–" : clock(this.pinned ?? this.player.position(), true);
    if (this.place.textContent !== text) this.place.textContent = text;
  }

  async #save() {
    const text = this.text.value.trim();
    const bytes = new TextEncoder().encode(text).length;
    if (text === "" || bytes > bytesAtMost) {
      this.complaint.textContent = word(text === "" ? "note_empty" : "note_long");
      this.text.setAttribute("aria-invalid", "true");
      this.text.focus();
      return;
    }
    this.text.removeAttribute("aria-invalid");
    this.send.disabled = true;
    const place = this.whole.checked ? null : Math.round(this.pinned ?? this.player.position());
    try {
      await post(this.url, { text, at_ms: place });
      this.text.value = "";
      this.pinned = null;
      this.player.say(word("note_saved"));
      await this.load();
      if (this.root.contains(document.activeElement) || document.activeElement === document.body) this.player.leave();
    } catch (error) {
      // What was written stays in the field.
      this.complaint.textContent = error.message;
    } finally {
      this.send.disabled = false;
      this.show();
    }
  }

  async load() {
    try {
      const notes = await requestJSON(this.url);
      this.notes = [...notes].sort((a, b) => (a.position_ms ?? -1) - (b.position_ms ?? -1));
    } catch (error) {
      this.player.tell(error);
      return;
    }
    const rows = this.notes.map((note) => {
      const hasPlace = Number.isFinite(note.position_ms);
      const time = hasPlace
        ? element("button", {
          type: "button", class: "btn btn-link btn-sm p-0 player-time", "data-ms": note.position_ms,
          "aria-label": word("jump_to", { place: clock(note.position_ms, true) }),
          onclick: () => this.player.seek(note.position_ms),
        }, clock(note.position_ms, true))
        : element("span", { class: "player-whole" }, word("note_of_whole"));
      return element(
        "li",
        { class: "player-note" },
        time,
        " ",
        element("span", { class: "player-author" }, foreign(note.author ?? note.by ?? "")),
        element("span", { class: "player-detail" }, ` · ${localTime(note.at)}`),
        element("div", { class: "player-text", dir: "auto" }, note.text),
      );
    });
    this.list.replaceChildren(...(rows.length > 0 ? rows : [element("li", { class: "player-none" }, word("notes_none"))]));
    // Without a button in it only the list itself can be scrolled by keys.
    if (this.list.scrollHeight > this.list.clientHeight) this.list.tabIndex = 0;
    else this.list.removeAttribute("tabindex");
    this.player.changed();
  }

  get markers() {
    return this.notes.filter((note) => Number.isFinite(note.position_ms)).map((note) => ({
      ms: note.position_ms,
      look: "note",
      title: `${clock(note.position_ms, true)} ${word("note")} ${note.by ?? ""}: ${String(note.text).slice(0, 120)}`,
    }));
  }
}
