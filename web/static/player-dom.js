// Words, elements, and times as people read them.

const words = readWords();

function readWords() {
  const source = document.getElementById("words");
  try {
    return source ? JSON.parse(source.textContent) : {};
  } catch {
    return {};
  }
}

/** The word of a key, `{name}` in it replaced; without a word the fallback, or the key itself. */
export function word(key, values = {}, fallback = key) {
  const text = typeof words[key] === "string" ? words[key] : fallback;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** An element. What is no element becomes text, never markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Text that came from elsewhere: direction marks in it must not reorder what stands around. */
export const foreign = (text) => element("bdi", {}, text);

const shapes = {
  play: "M4 2.5v11l9.5-5.5z",
  pause: "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z",
  back: "M8 3.5V.8L3.6 4.2 8 7.6V5a4.4 4.4 0 1 1-4.4 4.4H2.1A5.9 5.9 0 1 0 8 3.5z",
  forward: "M8 3.5V.8l4.4 3.4L8 7.6V5a4.4 4.4 0 1 0 4.4 4.4h1.5A5.9 5.9 0 1 1 8 3.5z",
  previous: "M3 2.5h2v11H3zM13.5 2.5v11L5.5 8z",
  next: "M11 2.5h2v11h-2zM2.5 2.5v11l8-5.5z",
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", "0 0 16 16");
  picture.setAttribute("class", "player-icon");
  picture.setAttribute("aria-hidden", "true");
  picture.setAttribute("focusable", "false");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", shapes[name]);
  picture.append(path);
  return picture;
}

/** 1:02, 1:00:02; with `tenths` 1:02.3. */
export function clock(milliseconds, tenths = false) {
  const unit = tenths ? 100 : 1000;
  const whole = Math.max(0, Math.floor(milliseconds / unit));
  const seconds = tenths ? Math.floor(whole / 10) : whole;
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const text = hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  return tenths ? `${text}.${whole % 10}` : text;
}

/** An instant as the reader's own clock and language show it. */
export function localTime(text) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return String(text ?? "");
  const style = { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(document.documentElement.lang || undefined, style).format(time);
}
