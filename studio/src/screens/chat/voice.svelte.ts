/** Answers read aloud by the service's own voice (POST /v1/audio/speech), where it has one. */
import { catalogue } from "../../api/catalogue.svelte";
import { ask, json } from "../../api/client.svelte";

interface Speaker {
  id: string;
  description?: string;
}

class Voice {
  /** What is being said. */
  text: string | null = $state(null);
  #context: AudioContext | null = null;
  #playing: AudioBufferSourceNode | null = null;
  #speakers: Speaker[] | null = null;

  get possible(): boolean {
    return catalogue.brain?.speaks ?? false;
  }

  /** The voice of that name, or one that is so described ("woman"); the first for none. */
  async #named(wish: string | undefined): Promise<string> {
    this.#speakers ??= (await json<{ data: Speaker[] }>("/v1/audio/voices")).data;
    const word = wish?.toLowerCase() ?? "";
    const like = (speaker: Speaker): boolean => word !== "" && (speaker.description ?? "").toLowerCase().includes(word);
    const found = this.#speakers.find((speaker) => speaker.id.toLowerCase() === word) ?? this.#speakers.find(like) ?? this.#speakers[0];
    return found?.id ?? "alloy";
  }

  async speak(text: string, wishes: { voice?: string; instructions?: string } = {}): Promise<void> {
    this.quiet();
    this.text = text;
    try {
      const body = { model: "tts-1", input: text, response_format: "wav", ...wishes, voice: await this.#named(wishes.voice) };
      const sound = await (await ask("/v1/audio/speech", { body })).arrayBuffer();
      this.#context ??= new AudioContext();
      const buffer = await this.#context.decodeAudioData(sound);
      if (this.text !== text) return; // somebody pressed another one meanwhile
      const playing = new AudioBufferSourceNode(this.#context, { buffer });
      playing.onended = () => (this.#playing === playing ? this.quiet() : undefined);
      playing.connect(this.#context.destination);
      this.#playing = playing;
      playing.start();
    } catch (error) {
      this.quiet();
      throw error;
    }
  }

  quiet(): void {
    const playing = this.#playing;
    this.#playing = null;
    playing?.stop();
    this.text = null;
  }
}

export const voice = new Voice();
