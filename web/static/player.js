// The player of a recording: builds itself into #player, and holds its parts together.

import { Controls, helpLine, listenForKeys } from "./player-controls.js";
import { around, common, merged, PeaksSource, refusalOfAudio, requestJSON, stretch, total } from "./player-data.js";
import { clock, element, word } from "./player-dom.js";
import { EventList } from "./player-events.js";
import { NoteList } from "./player-notes.js";
import { channels, Sound, speeds } from "./player-sound.js";
import { Wave } from "./player-wave.js";

/** Silence is skipped but for so much at its beginning and its end: speech must not be clipped. */
const leadIn = 300;
const leadOut = 250;
/** What the server takes for a reason, in bytes of UTF-8. */
const reasonBytes = 500;
const reasonKey = "player-reason";

const root = document.getElementById("player");
function begin() {
  const place = root.firstElementChild ?? root;
  const errors = element("div", { class: "player-errors", role: "alert", "aria-live": "assertive", id: "player-errors" });
  const body = element("div", {});
  place.replaceChildren(errors, body);
  if (root.dataset.reasonRequired === "true") body.replaceChildren(reasonForm((reason) => new Player(body, errors, reason)));
  else new Player(body, errors, null);
}

function reasonForm(open) {
  const complaint = element("div", { class: "text-danger small", id: "player-reason-complaint", role: "alert" });
  const input = element("input", {
    class: "form-control", id: "player-reason", autocomplete: "off", required: true,
    "aria-describedby": "player-reason-help player-reason-complaint",
  });
  // The next of a list is mostly heard for the same reason; it is still confirmed each time.
  input.value = sessionStorage.getItem(reasonKey) ?? "";
  const form = element(
    "form",
    { class: "card card-body player-reason", id: "player-reason-form", novalidate: true },
    element("label", { class: "form-label fw-semibold", for: "player-reason" }, word("reason")),
    element(
      "div", { class: "d-flex gap-2" }, input,
      element("button", { type: "submit", class: "btn btn-primary text-nowrap" }, word("reason_open")),
    ),
    complaint,
    element("div", { class: "form-text", id: "player-reason-help" }, word("reason_help")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const reason = input.value.trim();
    const isLong = new TextEncoder().encode(reason).length > reasonBytes;
    if (reason === "" || isLong) {
      complaint.textContent = word(isLong ? "reason_long" : "reason_missing");
      input.setAttribute("aria-invalid", "true");
      input.focus();
      return;
    }
    sessionStorage.setItem(reasonKey, reason);
    open(reason);
  });
  requestAnimationFrame(() => input.focus());
  return form;
}

class Player {
  constructor(body, errors, reason) {
    this.errors = errors;
    this.lengthMs = Math.max(0, Number(root.dataset.lengthMs) || 0);
    this.skipsSilence = false;
    this.segments = [];
    this.silences = [];
    this.pauses = [];
    this.quiet = [];
    const mayNote = root.dataset.mayNote === "true";
    this.base = `/api/v1/recordings/${encodeURIComponent(root.dataset.recording)}`;
    this.audioURL = `${this.base}/audio${reason === null ? "" : `?reason=${encodeURIComponent(reason)}`}`;
    this.sound = new Sound(this.audioURL, this.lengthMs);
    const seek = (ms) => this.seek(ms);
    this.wave = new Wave(this.lengthMs, { seek, label: (channel, ms) => this.label(channel, ms) });
    this.controls = new Controls(root.dataset, {
      toggle: () => this.toggle(), skip: (ms) => this.skip(ms), speed: (steps) => this.changeSpeed(steps),
      silence: () => this.toggleSilence(), channel: (name) => this.setChannel(name), zoom: (factor) => this.zoom(factor),
    });
    this.events = new EventList(seek);
    this.notes = new NoteList(`${this.base}/notes`, mayNote, {
      seek, position: () => this.sound.position, tell: (error) => this.tell(error), say: (text) => this.say(text),
      changed: () => this.showMarkers(), leave: () => this.wave.slider.focus({ preventScroll: true }),
    });
    this.status = element("div", { class: "visually-hidden", role: "status", "aria-live": "polite", id: "player-status" });
    this.legend = element("p", { class: "player-legend" });
    body.replaceChildren(
      this.controls.root, this.wave.root, element("div", { class: "player-under" }, this.legend, this.controls.state),
      this.status,
      element("div", { class: "player-panels" }, this.events.root, this.notes.root), helpLine(mayNote));
    this.listen();
    this.showChannel();
    this.showSpeed();
    this.load();
    this.goToAddress();
    this.show();
    this.wave.draw();
    if (reason !== null) this.wave.slider.focus({ preventScroll: true });
  }

  // MARK: from the server

  /** Each part by itself: without peaks the audio can still be heard. */
  async load() {
    const part = (work) => work.catch((error) => this.tell(error));
    this.wave.source = new PeaksSource(`${this.base}/peaks`, this.lengthMs);
    await Promise.all([
      part(this.wave.source.first().then((peaks) => this.setPeaks(peaks))),
      part(requestJSON(`${this.base}/events`).then((timeline) => this.setTimeline(timeline))),
      part(requestJSON(`${this.base}/silence`).then((figures) => this.setSilence(figures))),
      this.notes.load(),
    ]);
  }

  setPeaks(peaks) {
    this.wave.setPeaks(peaks);
    this.controls.channelGroup.hidden = peaks.channels === 1;
    this.show();
  }

  setTimeline(timeline) {
    this.segments = timeline.segments ?? [];
    this.wave.gaps = (timeline.gaps ?? []).map((gap) => stretch(gap, this.lengthMs));
    this.pauses = merged((timeline.pauses ?? []).map((pause) => stretch(pause, this.lengthMs)));
    this.wave.pauses = this.pauses;
    this.events.set(timeline.events ?? []);
    for (const [index, name] of ["caller", "hotline"].entries()) {
      this.controls.channels.get(name).textContent = this.side(index);
    }
    this.showMarkers();
    this.findQuiet();
    this.show();
    this.wave.draw();
  }

  setSilence(figures) {
    this.silences = (figures.channels ?? []).map((channel) => merged(channel.silences ?? []));
    this.wave.silences = this.silences;
    this.findQuiet();
    this.wave.draw();
  }

  /** Where nothing of what is listened to is heard. A pause is silent, and so is left out by the figures. */
  findQuiet() {
    const sides = this.silences.map((silences) => merged([...silences, ...this.pauses]));
    const heard = { both: sides, caller: sides.slice(0, 1), hotline: sides.slice(1, 2) }[this.sound.channel];
    const all = heard.length > 0 ? heard.reduce(common) : this.pauses;
    this.quiet = all.filter(([from, to]) => to - from > leadIn + leadOut + 200);
    const saved = total(this.quiet) - this.quiet.length * (leadIn + leadOut);
    this.controls.saved.textContent = saved >= 1000 ? `−${clock(saved)}` : "";
    const names = [["silence", this.silences.some((list) => list.length > 0)], ["pause", this.pauses.length > 0],
      ["gap", this.wave.gaps.length > 0]];
    this.legend.replaceChildren(...names.filter(([, isThere]) => isThere).map(([name]) =>
      element("span", {}, element("i", { class: `player-swatch player-swatch-${name}` }), word(`legend_${name}`))));
  }

  /** Whose voice a channel is. */
  side(index, ms = null) {
    const segments = this.segments.filter((segment) => segment.channel === index);
    const now = segments.find((segment) => ms === null || (segment.from_ms <= ms && ms < (segment.to_ms ?? Infinity)))
      ?? segments[0];
    if (now?.role === "mixed") return word("channel_both");
    const isUsual = index === 0 ? !now || ["caller", "customer"].includes(now.role) : true;
    return isUsual ? word(index === 0 ? "channel_caller" : "channel_hotline") : word(`role_${now.role}`, {}, now.role);
  }

  label(index, place) {
    // The end itself is still the last voice's.
    const ms = Math.min(place, this.lengthMs - 1);
    const agent = this.segments.find((segment) =>
      segment.channel === index && segment.agent && segment.from_ms <= ms && ms < (segment.to_ms ?? Infinity))?.agent;
    return agent ? `${this.side(index, ms)} · ${agent}` : this.side(index, ms);
  }

  showMarkers() {
    this.wave.setMarkers([...this.events.markers, ...this.notes.markers]);
  }

  // MARK: playing

  listen() {
    const { audio } = this.sound;
    const on = (names, act) => names.forEach((name) => audio.addEventListener(name, act));
    on(["play", "playing", "pause", "ended", "seeked", "seeking", "waiting", "canplay"], () => this.showState());
    on(["timeupdate", "seeked", "ended"], () => this.tick());
    on(["error"], () => this.explain());
    on(["loadedmetadata"], () => this.errors.querySelectorAll("[data-about=audio]").forEach((told) => told.remove()));
    this.isStill = matchMedia("(prefers-reduced-motion: reduce)");
    const move = () => {
      if (!this.sound.isPlaying || this.isStill.matches) return;
      this.tick();
      requestAnimationFrame(move);
    };
    // Without motion the place moves as the element tells: four times a second.
    on(["play"], () => requestAnimationFrame(move));
    addEventListener("hashchange", () => this.goToAddress());
    // After a click the keys go on working: space is play, not the button once more.
    this.controls.root.addEventListener("click", (event) => {
      if (event.detail > 0 && event.target.closest("button")) this.wave.slider.focus({ preventScroll: true });
    });
    const zoomKey = (factor) => () => this.zoom(factor);
    const arrow = (ms) => () => this.skip(ms);
    const onSlider = (ms) => (event) => (event.target === this.wave.slider ? this.skip(ms) : false);
    const follow = (link) => () => (link ? link.click() : false);
    listenForKeys({
      " ": () => this.toggle(), k: () => this.toggle(), j: () => this.skip(-10000), l: () => this.skip(10000),
      ArrowLeft: arrow(-5000), ArrowRight: arrow(5000), ArrowUp: onSlider(1000), ArrowDown: onSlider(-1000),
      "[": () => this.changeSpeed(-1), "]": () => this.changeSpeed(1), s: () => this.toggleSilence(),
      1: () => this.setChannel(channels[0]), 2: () => this.setChannel(channels[1]), 3: () => this.setChannel(channels[2]),
      n: () => this.notes.begin(), Home: () => this.seek(0), End: () => this.seek(this.lengthMs),
      "+": zoomKey(2), "=": zoomKey(2), "-": zoomKey(0.5), 0: zoomKey(0),
      PageUp: follow(this.controls.previous), PageDown: follow(this.controls.next),
    });
  }

  /** `#t=83.2`: an instant in the page's address, in seconds. */
  goToAddress() {
    const seconds = /^#t=(\d{1,6}(\.\d{1,3})?)$/.exec(location.hash)?.[1];
    if (seconds !== undefined) this.seek(Number(seconds) * 1000);
  }

  async toggle() {
    if (this.sound.isPlaying) {
      this.sound.pause();
      return;
    }
    try {
      if (this.sound.audio.error) this.sound.reload();
      await this.sound.play();
    } catch (error) {
      // The others are told by the element's own `error`, or are a pause that came in between.
      if (error.name === "NotAllowedError") this.tell(new Error(word("error_not_allowed")), "audio");
    }
  }

  seek(ms) {
    this.sound.seek(ms);
    this.wave.reveal(this.sound.position);
    this.show();
  }

  skip(ms) {
    this.seek(this.sound.position + ms);
  }

  tick() {
    this.skipQuiet();
    if (this.sound.isPlaying) this.wave.follow(this.sound.position);
    this.show();
  }

  skipQuiet() {
    const { sound } = this;
    if (!this.skipsSilence || !sound.isPlaying || sound.audio.seeking || sound.audio.readyState === 0) return;
    const [from, to] = around(this.quiet, sound.position) ?? [0, 0];
    if (sound.position < from + leadIn || to - sound.position < leadOut + 200) return;
    // Nothing comes behind silence that lasts to the end.
    sound.seek(to >= this.lengthMs - 50 ? this.lengthMs : to - leadOut);
  }

  changeSpeed(steps) {
    const index = speeds.indexOf(this.sound.speed) + steps;
    this.sound.setSpeed(speeds[Math.min(speeds.length - 1, Math.max(0, index))]);
    this.showSpeed();
    this.say(`${word("speed")} ${this.sound.speed}×`);
  }

  toggleSilence() {
    this.skipsSilence = !this.skipsSilence;
    this.controls.silence.setAttribute("aria-pressed", String(this.skipsSilence));
    this.say(word(this.skipsSilence ? "silence_skipped" : "silence_heard"));
    this.skipQuiet();
  }

  setChannel(name) {
    if (this.controls.channelGroup.hidden) return;
    try {
      this.sound.setChannel(name);
    } catch {
      this.tell(new Error(word("error_channels")));
      return;
    }
    this.findQuiet();
    this.showChannel();
    this.say(`${word("channel")}: ${this.controls.channels.get(name).textContent}`);
  }

  zoom(factor) {
    this.wave.setZoom(factor === 0 ? 1 : this.wave.zoom * factor, this.sound.position);
    root.dataset.zoom = String(this.wave.zoom);
  }

  // MARK: showing

  show() {
    const ms = this.sound.position;
    const text = `${clock(ms, true)} / ${clock(this.lengthMs)}`;
    if (this.controls.time.textContent !== text) this.controls.time.textContent = text;
    // For forms beside the player, which pin something to the present place.
    root.dataset.positionMs = String(Math.round(ms));
    this.wave.show(ms);
    this.events.show(ms);
    this.notes.show();
  }

  showState() {
    const { audio, isPlaying } = this.sound;
    this.controls.showPlaying(isPlaying);
    const isWaiting = isPlaying && (audio.seeking || audio.readyState < 3);
    this.controls.state.textContent = isWaiting ? word("loading") : "";
    root.dataset.state = isPlaying ? "playing" : audio.ended ? "ended" : "paused";
    this.show();
  }

  showSpeed() {
    this.controls.speed.textContent = `${this.sound.speed}×`;
    this.controls.slower.disabled = this.sound.speed === speeds[0];
    this.controls.faster.disabled = this.sound.speed === speeds[speeds.length - 1];
    root.dataset.speed = String(this.sound.speed);
  }

  showChannel() {
    this.controls.showChannel(this.sound.channel);
    root.dataset.channel = this.sound.channel;
  }

  // MARK: telling

  say(text) {
    this.status.textContent = text;
  }

  async explain() {
    const mediaError = this.sound.audio.error;
    if (!mediaError || mediaError.code === MediaError.MEDIA_ERR_ABORTED) return;
    this.showState();
    this.tell((await refusalOfAudio(this.audioURL)) ?? new Error(word("error_undecodable")), "audio");
  }

  /** The same is told once. */
  tell(error, about = null) {
    const known = [...this.errors.querySelectorAll("span")].some((told) => told.textContent === error.message);
    if (known) return;
    this.errors.append(element(
      "div", { class: "alert alert-danger py-2 mb-2", "data-about": about }, element("span", { dir: "auto" }, error.message),
      error.status === 401
        ? element("a", { class: "alert-link ms-2", href: location.href }, word("sign_in"))
        : null,
    ));
  }
}

// At the end: a class is not there before its line.
if (root) begin();
