/** Words from the microphone, by the browser's own recogniser where it has one. */
import { language } from "../../words/language.svelte";

interface Heard {
  results: ArrayLike<ArrayLike<{ transcript: string }> & { isFinal: boolean }>;
}

interface Recogniser {
  lang: string;
  interimResults: boolean;
  onresult: ((event: Heard) => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onend: (() => void) | null;
  start(): void;
  stop(): void;
}

type Maker = new () => Recogniser;

function maker(): Maker | null {
  const found = window as unknown as { SpeechRecognition?: Maker; webkitSpeechRecognition?: Maker };
  return found.SpeechRecognition ?? found.webkitSpeechRecognition ?? null;
}

export class Dictation {
  listening = $state(false);
  refused = $state(false);
  readonly possible = maker() !== null;
  #recogniser: Recogniser | null = null;

  /** Tells all words so far, again and again, until the person stops talking or `stop` is called. */
  start(told: (words: string) => void): void {
    const Make = maker();
    if (Make === null || this.listening) return;
    const recogniser = new Make();
    recogniser.lang = language.current === "fr" ? "fr-FR" : "en-GB";
    recogniser.interimResults = true;
    recogniser.onresult = (event) => told(Array.from(event.results, (result) => result[0]?.transcript ?? "").join(""));
    recogniser.onerror = (event) => (this.refused = event.error !== "no-speech" && event.error !== "aborted");
    recogniser.onend = () => (this.listening = false);
    this.#recogniser = recogniser;
    this.refused = false;
    this.listening = true;
    recogniser.start();
  }

  stop(): void {
    this.#recogniser?.stop();
    this.listening = false;
  }
}
