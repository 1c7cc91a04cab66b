/** The draft that follows the typing: at most one is asked for at a time, and no older one ever replaces a newer. */
import { ApiError, isAbort, rest } from "../../api/client.svelte";
import { makeDraft } from "../../api/pictures";
import type { Cost, Settings } from "../../api/types";

const AT_ONCE = 4; // milliseconds without a key before a draft is asked for: keys of one stroke come together
const PAUSE = 45; // the same while another draft is dropped: a fast typist should not ask for every letter
const PATIENCE = 1500; // milliseconds without any picture, after which a draft may finish although the text went on

export interface Shown {
  url: string;
  prompt: string;
  seed: number;
  size: string | null;
  cost: Cost;
  /** From the last key to this picture, in milliseconds. */
  took: number;
}

export class Drafts {
  shown: Shown | null = $state(null);
  busy = $state(false);
  refused: string | null = $state(null);
  #asked = 0;
  #came = 0;
  #shownAt = 0;
  #controller: AbortController | null = null;
  #wanted: { settings: Settings; at: number } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The text or a setting changed. */
  want(settings: Settings): void {
    const at = performance.now();
    this.#wanted = { settings, at };
    clearTimeout(this.#timer);
    if (this.#controller !== null && at - this.#shownAt < PATIENCE) this.#controller.abort();
    this.#timer = setTimeout(() => void this.#next(), this.#controller === null ? AT_ONCE : PAUSE);
  }

  /** Nothing more is wanted: the work is dropped on both sides. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#wanted = null;
    this.#controller?.abort();
    this.busy = false;
  }

  clear(): void {
    this.stop();
    this.shown = null;
    this.refused = null;
  }

  async #next(): Promise<void> {
    if (this.#controller !== null && !this.#controller.signal.aborted) return; // it comes back here when it is done
    const wanted = this.#wanted;
    if (wanted === null) return;
    this.#wanted = null;
    const number = ++this.#asked;
    const controller = new AbortController();
    this.#controller = controller;
    this.busy = true;
    try {
      const draft = await makeDraft(wanted.settings, controller.signal);
      if (number > this.#came) {
        this.#came = number;
        this.#shownAt = performance.now();
        this.refused = null;
        this.shown = {
          url: `data:image/jpeg;base64,${draft.b64_json}`,
          prompt: wanted.settings.prompt,
          size: wanted.settings.size ?? null,
          seed: draft.seed,
          cost: draft.cost,
          took: this.#shownAt - wanted.at,
        };
      }
    } catch (error) {
      if (isAbort(error)) return;
      if (error instanceof ApiError && error.passing) {
        this.#wanted ??= wanted;
        await rest(1000 * (error.retryAfter ?? 1));
      } else if (number > this.#came) {
        this.refused = error instanceof Error ? error.message : String(error);
      }
    } finally {
      if (this.#controller === controller) {
        this.#controller = null;
        this.busy = this.#wanted !== null;
        if (this.#wanted !== null) void this.#next();
      }
    }
  }
}
