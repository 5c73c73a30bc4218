// The waveform: two tracks on a canvas that stands still while the place scrolls by, markers above them.

import { clock, element, word } from "./player-dom.js";

const rulerHeight = 18;
const secondsOfTicks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
/** The closest zoom shows so much. */
const closestMs = 4000;

export class Wave {
  /** @param handlers `seek(ms)`, `label(channel, ms)` */
  constructor(lengthMs, handlers) {
    this.lengthMs = Math.max(1, lengthMs);
    this.handlers = handlers;
    this.zoom = 1;
    this.peaks = null;
    this.source = null;
    this.silences = [];
    this.pauses = [];
    this.gaps = [];
    this.dragged = null;
    this.wasVisible = true;

    this.canvas = element("canvas", { class: "player-canvas", "aria-hidden": "true" });
    this.slider = element(
      "div",
      {
        class: "player-slider", role: "slider", tabindex: "0", "aria-label": word("place"), "aria-valuemin": "0",
        "aria-valuemax": String(Math.round(lengthMs / 1000)), "aria-valuenow": "0",
      },
      this.canvas,
    );
    this.head = element("div", { class: "player-head", "aria-hidden": "true" });
    this.lane = element("div", { class: "player-lane", "aria-hidden": "true" });
    this.space = element("div", { class: "player-space" }, this.lane, this.slider, this.head);
    this.scroll = element("div", { class: "player-scroll" }, this.space);
    this.hover = element("div", { class: "player-hover", hidden: true, "aria-hidden": "true" });
    this.labels = [0, 1].map((index) =>
      element("div", { class: `player-label player-label-${index}`, "aria-hidden": "true" }));
    this.root = element("div", { class: "player-frame" }, this.scroll, ...this.labels, this.hover);
    this.#listen();
  }

  get tracks() {
    return this.peaks?.channels === 1 ? 1 : 2;
  }

  setPeaks(peaks) {
    this.peaks = peaks;
    this.scale ??= 1 / Math.max(20, peaks.loudest);
    this.root.classList.toggle("player-mono", peaks.channels === 1);
    this.draw();
  }

  /** @param markers list of `ms`, `title`, `look` */
  setMarkers(markers) {
    this.lane.replaceChildren(
      ...markers.map(({ ms, title, look }) => {
        const mark = element("span", { class: `player-mark player-mark-${look}`, title, "data-ms": String(ms) });
        mark.style.left = `clamp(6px, ${this.#percent(ms)}, 100% - 6px)`;
        return mark;
      }),
    );
  }

  #percent(ms) {
    return `${(100 * Math.min(1, Math.max(0, ms / this.lengthMs))).toFixed(5)}%`;
  }

  // MARK: place

  show(ms) {
    const place = this.dragged ?? ms;
    this.head.style.left = this.#percent(place);
    const seconds = String(Math.round(place / 1000));
    if (this.slider.getAttribute("aria-valuenow") !== seconds || !this.slider.hasAttribute("aria-valuetext")) {
      this.slider.setAttribute("aria-valuenow", seconds);
      this.slider.setAttribute(
        "aria-valuetext", word("place_of", { place: clock(place), length: clock(this.lengthMs) }));
    }
    [0, 1].forEach((index) => {
      const label = this.handlers.label(index, place);
      if (this.labels[index].textContent !== label) this.labels[index].textContent = label;
    });
  }

  /** Turns the page when the place leaves the window; who has scrolled away stays there. */
  follow(ms) {
    const [from, to] = this.window;
    const isVisible = ms >= from && ms <= to;
    if (!isVisible && this.wasVisible) {
      this.reveal(ms);
      this.wasVisible = true;
    } else {
      this.wasVisible = isVisible;
    }
  }

  reveal(ms) {
    const [from, to] = this.window;
    if (ms >= from && ms <= to) return;
    const width = this.scroll.clientWidth;
    this.scroll.scrollLeft = (ms / this.lengthMs) * width * this.zoom - width * 0.1;
    this.wasVisible = true;
  }

  /** What is to be seen, in milliseconds. */
  get window() {
    const width = this.scroll.clientWidth * this.zoom || 1;
    const from = (this.scroll.scrollLeft / width) * this.lengthMs;
    return [from, from + this.lengthMs / this.zoom];
  }

  get closest() {
    return 2 ** Math.max(0, Math.ceil(Math.log2(this.lengthMs / closestMs)));
  }

  /** Zooms around an instant, which stays where it is if it is to be seen. */
  setZoom(zoom, ms) {
    const [from, to] = this.window;
    const isVisible = ms >= from && ms <= to;
    const fraction = isVisible ? (ms - from) / (to - from) : 0.5;
    this.zoom = Math.min(this.closest, Math.max(1, zoom));
    this.space.style.width = `${this.zoom * 100}%`;
    const width = this.scroll.clientWidth;
    this.scroll.scrollLeft = (ms / this.lengthMs) * width * this.zoom - fraction * width;
    this.wasVisible = true;
    this.draw();
  }

  #listen() {
    this.scroll.addEventListener("scroll", () => this.#later());
    new ResizeObserver(() => this.#later()).observe(this.scroll);
    const place = (event) => {
      const box = this.slider.getBoundingClientRect();
      return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * this.lengthMs;
    };
    this.slider.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.slider.setPointerCapture(event.pointerId);
      this.dragged = place(event);
      this.show(this.dragged);
    });
    this.slider.addEventListener("pointermove", (event) => {
      if (this.dragged !== null) {
        this.dragged = place(event);
        this.show(this.dragged);
      }
      this.#hint(event.clientX, place(event));
    });
    this.slider.addEventListener("pointerup", () => {
      if (this.dragged === null) return;
      const ms = this.dragged;
      this.dragged = null;
      this.handlers.seek(ms);
    });
    this.slider.addEventListener("pointercancel", () => { this.dragged = null; });
    this.slider.addEventListener("pointerleave", () => { this.hover.hidden = true; });
    this.slider.addEventListener("focus", () =>
      this.root.classList.toggle("player-focused", this.slider.matches(":focus-visible")));
    this.slider.addEventListener("keydown", () => this.root.classList.add("player-focused"));
    this.slider.addEventListener("blur", () => this.root.classList.remove("player-focused"));
    this.lane.addEventListener("click", (event) => {
      const mark = event.target.closest(".player-mark");
      if (mark) this.handlers.seek(Number(mark.dataset.ms));
    });
  }

  #hint(x, ms) {
    const box = this.root.getBoundingClientRect();
    this.hover.hidden = false;
    this.hover.textContent = clock(ms, true);
    this.hover.style.left = `${Math.min(box.width - 30, Math.max(30, x - box.left))}px`;
  }

  // MARK: drawing

  #later() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    const width = this.scroll.clientWidth;
    const height = this.slider.clientHeight;
    if (width === 0 || height === 0) return;
    const density = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * density);
    this.canvas.height = Math.round(height * density);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    const pen = this.canvas.getContext("2d");
    pen.scale(density, density);
    const style = getComputedStyle(this.root);
    const paint = (name) => style.getPropertyValue(`--player-${name}`).trim();
    const [from, to] = this.window;
    const x = (ms) => ((ms - from) / (to - from)) * width;
    const trackHeight = (height - rulerHeight) / this.tracks;

    for (let track = 0; track < this.tracks; track += 1) {
      const top = track * trackHeight;
      pen.fillStyle = paint("silence");
      for (const [a, b] of this.silences[track] ?? []) this.#block(pen, x(a), x(b), top, trackHeight, width);
      pen.fillStyle = paint("line");
      pen.fillRect(0, top + trackHeight - 1, width, 1);
      if (this.peaks) this.#wave(pen, track, paint(track === 0 ? "caller" : "hotline"), top, trackHeight, from, to, width);
    }
    const tracksHeight = height - rulerHeight;
    for (const [stretches, name, slope] of [[this.gaps, "gap", -1], [this.pauses, "pause", 1]]) {
      if (stretches.length === 0) continue;
      pen.fillStyle = hatch(pen, paint(name), slope);
      for (const [a, b] of stretches) this.#block(pen, x(a), x(b), 0, tracksHeight, width);
      pen.fillStyle = paint(name);
      for (const [a, b] of stretches) {
        for (const edge of [a, b]) this.#block(pen, x(edge), x(edge), 0, tracksHeight, width);
      }
    }
    this.#ruler(pen, paint, from, to, width, height);
    this.#refine((to - from) / width);
  }

  #block(pen, left, right, top, height, width) {
    const a = Math.max(0, left);
    const b = Math.min(width, Math.max(right, left + 1));
    if (b > a) pen.fillRect(a, top, b - a, height);
  }

  #wave(pen, track, colour, top, height, from, to, width) {
    const middle = top + height / 2;
    const reach = (height / 2 - 4) * this.scale;
    const step = (to - from) / width;
    pen.fillStyle = colour;
    for (let column = 0; column < width; column += 1) {
      const range = this.peaks.range(track, from + column * step, from + (column + 1) * step);
      if (!range) continue;
      const high = Math.max(0.5, range[1] * reach);
      const low = Math.max(0.5, -range[0] * reach);
      pen.fillRect(column, middle - high, 1, high + low);
    }
  }

  #ruler(pen, paint, from, to, width, height) {
    const span = (to - from) / 1000;
    const step = secondsOfTicks.find((seconds) => (seconds / span) * width >= 76) ?? 14400;
    pen.fillStyle = paint("ink");
    pen.font = "11px system-ui, sans-serif";
    pen.textBaseline = "bottom";
    const first = Math.ceil(from / 1000 / step);
    const last = Math.floor(to / 1000 / step);
    for (let tick = first; tick <= last; tick += 1) {
      const ms = tick * step * 1000;
      const place = ((ms - from) / (to - from)) * width;
      pen.fillRect(Math.min(width - 1, place), height - rulerHeight, 1, 5);
      const text = clock(ms + 0.5, step < 1);
      const half = pen.measureText(text).width / 2;
      pen.fillText(text, Math.min(width - 2 * half - 2, Math.max(2, place - half)), height - 1);
    }
  }

  async #refine(msPerPixel) {
    try {
      const finer = await this.source?.finer(msPerPixel);
      if (finer) this.setPeaks(finer);
    } catch {
      // What is drawn stays; without end it would be asked for again at each drawing.
      this.source = null;
    }
  }
}

function hatch(pen, colour, slope) {
  const tile = document.createElement("canvas");
  tile.width = 8;
  tile.height = 8;
  const brush = tile.getContext("2d");
  brush.strokeStyle = colour;
  brush.lineWidth = 1.5;
  for (const shift of [-8, 0, 8]) {
    brush.beginPath();
    brush.moveTo(shift, slope > 0 ? 8 : 0);
    brush.lineTo(shift + 8, slope > 0 ? 0 : 8);
    brush.stroke();
  }
  return pen.createPattern(tile, "repeat");
}
