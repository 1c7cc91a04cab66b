/** Answers read aloud by the service's own voice (POST /v1/audio/speech), where it has one. */
import { ask, json } from "../../api/client.svelte";

class Voice {
  possible = $state(false);
  /** What is being said. */
  text: string | null = $state(null);
  #playing: HTMLAudioElement | null = null;
  #asked = false;

  /** Asks once whether there is a voice; a service that knows no such route has none. */
  async look(): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    try {
      const found = await json<{ voices?: unknown[]; data?: unknown[] }>("/v1/audio/voices");
      this.possible = (found.voices ?? found.data ?? []).length > 0;
    } catch {
      this.possible = false;
    }
  }

  async speak(text: string, wishes: Record<string, unknown> = {}): Promise<void> {
    this.quiet();
    this.text = text;
    try {
      const sound = await (await ask("/v1/audio/speech", { body: { model: "tts-1", input: text, response_format: "wav", ...wishes } })).blob();
      if (this.text !== text) return; // somebody pressed another one meanwhile
      const playing = new Audio(URL.createObjectURL(sound));
      playing.onended = () => this.quiet();
      this.#playing = playing;
      await playing.play();
    } catch (error) {
      this.quiet();
      throw error;
    }
  }

  quiet(): void {
    if (this.#playing !== null) {
      this.#playing.pause();
      URL.revokeObjectURL(this.#playing.src);
    }
    this.#playing = null;
    this.text = null;
  }
}

export const voice = new Voice();
