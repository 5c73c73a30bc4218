// What the server says of a recording: requests, peaks, stretches of time.

import { word } from "./player-dom.js";

/** A refusal in words for people. */
export class Refusal extends Error {
  constructor(status, detail) {
    const plain = word(`error_${status}`, {}, word("error_other"));
    // "No such thing.": "No such thing: the server's own words".
    super(detail === "" ? plain : `${plain.replace(/[.。]$/, (stop) => (stop === "." ? ": " : "："))}${detail}`);
    this.status = status;
  }
}

async function refusal(response) {
  let detail = "";
  try {
    const type = response.headers.get("content-type") ?? "";
    if (/json/.test(type)) detail = String((await response.json()).detail ?? "").slice(0, 500);
  } catch {
    // The status alone has to do.
  }
  return new Refusal(response.status, detail);
}

export async function request(url, options = {}) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...options });
  } catch {
    throw new Refusal(0, "");
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

export const requestJSON = async (url) => (await request(url)).json();

export async function post(url, body) {
  const token = document.querySelector('meta[name="csrf"]')?.content ?? "";
  return request(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
    body: JSON.stringify(body),
  });
}

/** Why the audio does not come: an audio element does not tell. Nil where it does come. */
export async function refusalOfAudio(url) {
  try {
    const response = await request(url, { headers: { Range: "bytes=0-0" } });
    response.body?.cancel();
    return null;
  } catch (error) {
    return error;
  }
}

// MARK: peaks

/** The finest resolution that the server keeps, in samples a point; all others are multiples of it. */
const finest = 256;
/** Points of the first drawing, and at most of any: a megabyte. */
const pointsAtFirst = 3000;
const pointsAtMost = 250000;

export const samplesPerPoint = (lengthMs, rate, points) =>
  Math.max(1, Math.ceil((lengthMs * rate) / 1000 / points / finest)) * finest;

/** audiowaveform's binary format, version 2, 8 bits (docs/recordings.md). */
export class Peaks {
  constructor(buffer) {
    const header = new DataView(buffer);
    if (buffer.byteLength < 24 || header.getInt32(0, true) !== 2 || (header.getUint32(4, true) & 1) !== 1) {
      throw new Error(word("error_peaks"));
    }
    this.rate = header.getInt32(8, true);
    this.samplesPerPoint = header.getInt32(12, true);
    this.channels = header.getInt32(20, true);
    this.values = new Int8Array(buffer, 24);
    this.points = Math.floor(this.values.length / 2 / this.channels);
    if (!(this.rate > 0 && this.samplesPerPoint > 0 && this.channels > 0)) throw new Error(word("error_peaks"));
  }

  /** Least and greatest of a channel between two instants, -128 to 127. */
  range(channel, fromMs, toMs) {
    const scale = this.rate / 1000 / this.samplesPerPoint;
    const first = Math.max(0, Math.floor(fromMs * scale));
    const last = Math.min(this.points, Math.max(first + 1, Math.floor(toMs * scale)));
    let low = 127;
    let high = -128;
    for (let point = first; point < last; point += 1) {
      const place = (point * this.channels + channel) * 2;
      if (this.values[place] < low) low = this.values[place];
      if (this.values[place + 1] > high) high = this.values[place + 1];
    }
    return low > high ? null : [low, high];
  }

  get loudest() {
    return this.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  }
}

/** Peaks as fine as the drawing wants them, fetched when it does. */
export class PeaksSource {
  constructor(url, lengthMs) {
    this.url = url;
    this.lengthMs = lengthMs;
    this.current = null;
    this.isBusy = false;
  }

  async first() {
    // The rate is told by the answer; most calls have 8,000 samples a second.
    this.current = await this.#fetch(samplesPerPoint(this.lengthMs, 8000, pointsAtFirst));
    return this.current;
  }

  /** Finer ones where a pixel shows less than a point; nil where those at hand do. */
  async finer(msPerPixel) {
    const now = this.current;
    if (!now || this.isBusy || now.samplesPerPoint === finest) return null;
    const wanted = (msPerPixel * now.rate) / 1000;
    if (now.samplesPerPoint <= wanted * 1.5) return null;
    // Half of it again, so that the next step of zoom needs no other.
    const points = Math.min(pointsAtMost, (this.lengthMs * now.rate) / 1000 / Math.max(finest, wanted / 2));
    const samples = samplesPerPoint(this.lengthMs, now.rate, points);
    if (samples >= now.samplesPerPoint) return null;
    this.isBusy = true;
    try {
      this.current = await this.#fetch(samples);
      return this.current;
    } finally {
      this.isBusy = false;
    }
  }

  async #fetch(samples) {
    const response = await request(`${this.url}?samples_per_pixel=${samples}`);
    return new Peaks(await response.arrayBuffer());
  }
}

// MARK: stretches, [from, to) in milliseconds, sorted and apart

export function merged(stretches) {
  const result = [];
  for (const [from, to] of stretches.filter(([a, b]) => b > a).sort((a, b) => a[0] - b[0])) {
    const last = result[result.length - 1];
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

export function common(left, right) {
  const result = [];
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    const from = Math.max(left[i][0], right[j][0]);
    const to = Math.min(left[i][1], right[j][1]);
    if (to > from) result.push([from, to]);
    if (left[i][1] < right[j][1]) i += 1;
    else j += 1;
  }
  return result;
}

/** The stretch in which an instant lies. */
export const around = (stretches, ms) => stretches.find(([from, to]) => from <= ms && ms < to);

export const total = (stretches) => stretches.reduce((sum, [from, to]) => sum + to - from, 0);

/** `{from_ms, to_ms}` as a stretch; what goes on ends with the recording. */
export const stretch = (item, lengthMs) => [item.from_ms, item.to_ms ?? lengthMs];
