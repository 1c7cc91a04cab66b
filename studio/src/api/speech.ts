/** /v1/audio, as docs/api.md has it. */
import { ask, json } from "./client.svelte";
import { events } from "./events";

export interface Voices {
  data: { id: string; name: string; description: string }[];
  model: string;
  styles: string[];
}

/** A word: the seconds in which it is heard, and its characters in the text. */
export interface Word {
  start: number;
  end: number;
  first: number;
  last: number;
}

export interface Wish {
  input: string;
  voice: string;
  style: string;
  speed: number;
  seed: number;
}

export const RATE = 24_000; // of bare samples
export const FORMATS = ["mp3", "wav", "flac", "opus"] as const;
export type Format = (typeof FORMATS)[number];

export const voices = (): Promise<Voices> => json<Voices>("/v1/audio/voices");

export type News = { words: Word[] } | { samples: Float32Array<ArrayBuffer> };

/** The text, spoken: words and samples as they come. Raises ApiError, or Error for what breaks in the middle. */
export async function* spoken(model: string, wish: Wish, signal: AbortSignal): AsyncGenerator<News> {
  const body = { model, ...wish, response_format: "pcm", stream_format: "sse", timestamps: true };
  for await (const { data } of events(await ask("/v1/audio/speech", { body, signal }))) {
    const event = JSON.parse(data) as { type: string; audio?: string; words?: Word[]; error?: { message: string } };
    if (event.error) throw new Error(event.error.message);
    if (event.words) yield { words: event.words };
    if (event.audio) yield { samples: samplesOf(event.audio) };
  }
}

/** The same again as a file, signed where its format carries a signature. */
export async function soundFile(model: string, wish: Wish, format: Format): Promise<Blob> {
  const body = { model, ...wish, response_format: format, manifest: format !== "opus" };
  return (await ask("/v1/audio/speech", { body })).blob();
}

function samplesOf(text: string): Float32Array<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const whole = new Int16Array(bytes.buffer, 0, bytes.length >> 1);
  return Float32Array.from(whole, (value) => value / 32768);
}
