// What is heard: a streaming audio element, and behind it which side goes to which ear.

export const speeds = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];
export const channels = ["both", "caller", "hotline"];

/** Left and right of the recording to the left and the right ear. One side alone is heard in both. */
const routes = {
  both: { leftToLeft: 1, leftToRight: 0, rightToLeft: 0, rightToRight: 1 },
  caller: { leftToLeft: 1, leftToRight: 1, rightToLeft: 0, rightToRight: 0 },
  hotline: { leftToLeft: 0, leftToRight: 0, rightToLeft: 1, rightToRight: 1 },
};

export class Sound {
  /** @param {string} url of the audio. Nothing is fetched before it is played: each replay is journalled. */
  constructor(url, lengthMs) {
    this.url = url;
    this.lengthMs = lengthMs;
    this.channel = "both";
    this.speed = 1;
    this.audio = new Audio();
    this.audio.preload = "none";
    this.audio.src = url;
    this.graph = null;
    // Where to begin once the file's head is there.
    this.pending = 0;
    this.audio.addEventListener("loadedmetadata", () => {
      if (this.pending !== null) this.audio.currentTime = this.pending / 1000;
      this.pending = null;
      this.audio.playbackRate = this.speed;
    });
  }

  get position() {
    return this.pending ?? Math.min(this.lengthMs, this.audio.currentTime * 1000);
  }

  get isPlaying() {
    // A failed element goes on saying that it is not paused.
    return !this.audio.paused && !this.audio.ended && !this.audio.error;
  }

  seek(ms) {
    const place = Math.min(this.lengthMs, Math.max(0, ms));
    if (this.audio.readyState === 0) this.pending = place;
    else this.audio.currentTime = place / 1000;
  }

  async play() {
    if (this.position >= this.lengthMs - 50) this.seek(0);
    await this.graph?.context.resume();
    await this.audio.play();
  }

  pause() {
    this.audio.pause();
  }

  /** After a failure: the connection anew, at the same place. */
  reload() {
    this.pending = this.position;
    this.audio.load();
  }

  setSpeed(speed) {
    this.speed = speed;
    // The element goes back to its default whenever it loads.
    this.audio.defaultPlaybackRate = speed;
    this.audio.playbackRate = speed;
  }

  /** Throws where the browser has no Web Audio. */
  setChannel(channel) {
    // Both are what the element plays by itself.
    if (!this.graph && channel !== "both") this.graph = this.#makeGraph();
    this.channel = channel;
    if (!this.graph) return;
    const { context, gains } = this.graph;
    for (const [name, value] of Object.entries(routes[channel])) {
      // A hard step would click.
      gains[name].gain.setTargetAtTime(value, context.currentTime, 0.008);
    }
    if (this.isPlaying) context.resume();
  }

  #makeGraph() {
    const context = new AudioContext();
    const source = context.createMediaElementSource(this.audio);
    const splitter = context.createChannelSplitter(2);
    const merger = context.createChannelMerger(2);
    source.connect(splitter);
    const gains = {};
    for (const [name, from, to] of [
      ["leftToLeft", 0, 0],
      ["leftToRight", 0, 1],
      ["rightToLeft", 1, 0],
      ["rightToRight", 1, 1],
    ]) {
      gains[name] = new GainNode(context, { gain: routes.both[name] });
      splitter.connect(gains[name], from);
      gains[name].connect(merger, 0, to);
    }
    merger.connect(context.destination);
    return { context, gains };
  }
}
