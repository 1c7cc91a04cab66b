/** Sound that is played while it arrives: pieces are put on the audio clock one after another, from any position. */
import { RATE, type Word } from "../../api/speech";

const LEAD = 0.06; // seconds until a piece that is handed over sounds

export class Player {
  words: Word[] = $state.raw([]);
  seconds = $state(0);
  position = $state(0);
  playing = $state(false);
  /** Loudness of the sound so far, a number for each 20 ms. */
  peaks: number[] = $state.raw([]);
  #pieces: Float32Array<ArrayBuffer>[] = [];
  #context: AudioContext | null = null;
  #sources: AudioBufferSourceNode[] = [];
  #began = 0; // the clock's time at which the sound's beginning would have sounded
  #timer = 0;

  /** The word that is heard now, -1 for none. */
  get current(): number {
    return this.words.findIndex((word) => word.start <= this.position && this.position < word.end);
  }

  clear(): void {
    this.pause();
    this.#pieces = [];
    [this.words, this.peaks, this.seconds, this.position] = [[], [], 0, 0];
  }

  say(words: Word[]): void {
    this.words = [...this.words, ...words];
  }

  /** One more piece; it sounds at once if the sound is being played. */
  add(samples: Float32Array<ArrayBuffer>): void {
    const at = this.seconds;
    this.#pieces.push(samples);
    this.seconds += samples.length / RATE;
    this.peaks = [...this.peaks, ...peaksOf(samples)];
    if (this.playing) this.#schedule(samples, at);
  }

  async play(from = this.position): Promise<void> {
    this.#silence();
    this.#context ??= new AudioContext({ sampleRate: RATE });
    await this.#context.resume();
    if (from >= this.seconds - 0.05) from = 0;
    this.#began = this.#context.currentTime + LEAD - from;
    this.position = from;
    this.playing = true;
    let at = 0;
    for (const piece of this.#pieces) {
      this.#schedule(piece, at);
      at += piece.length / RATE;
    }
    this.#follow();
  }

  pause(): void {
    this.#silence();
    this.playing = false;
  }

  async seek(position: number): Promise<void> {
    this.position = position;
    if (this.playing) await this.play(position);
  }

  /** `complete`: nothing more will come, so the end of what is there is the end. */
  complete = false;

  #schedule(samples: Float32Array<ArrayBuffer>, at: number): void {
    const context = this.#context;
    if (context === null) return;
    const late = context.currentTime + 0.01 - (this.#began + at);
    if (late > 0 && at >= this.position) this.#began += late; // it came too late: the rest moves on with it
    const start = this.#began + at;
    const skip = Math.max(0, context.currentTime - start, this.position - at);
    if (skip >= samples.length / RATE) return;
    const buffer = context.createBuffer(1, samples.length, RATE);
    buffer.copyToChannel(samples, 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.start(start + skip, skip);
    this.#sources.push(source);
  }

  #silence(): void {
    clearTimeout(this.#timer);
    for (const source of this.#sources) source.stop();
    this.#sources = [];
  }

  #follow(): void {
    // Fifteen times a second is enough for the eye to follow words, and leaves slow machines their time to speak.
    this.#timer = window.setTimeout(() => {
      if (this.#context === null || !this.playing) return;
      this.position = Math.min(this.seconds, Math.max(this.position, this.#context.currentTime - this.#began));
      if (this.complete && this.position >= this.seconds) {
        this.pause();
        return;
      }
      this.#follow();
    }, 66);
  }
}

function peaksOf(samples: Float32Array): number[] {
  const step = RATE / 50;
  const out: number[] = [];
  for (let at = 0; at < samples.length; at += step) {
    let sum = 0;
    const piece = samples.subarray(at, at + step);
    for (const value of piece) sum += value * value;
    out.push(Math.sqrt(sum / piece.length));
  }
  return out;
}
