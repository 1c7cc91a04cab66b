/** What the form holds. It outlives a reload; a seed stays until it is used up, so that drafts keep their composition. */
import { Kept } from "../../kept.svelte";
import type { Model, Settings } from "../../api/types";

const SEEDS = 2 ** 31;
const LONGEST_HISTORY = 60;

interface Options {
  model: string | null;
  size: string | null;
  style: string | null;
  negative: string;
  steps: number | null;
  guidance: number | null;
  seed: number | null;
  count: number;
}

const PLAIN: Options = { model: null, size: null, style: null, negative: "", steps: null, guidance: null, seed: null, count: 4 };

const prompt = new Kept<string>("prompt", "");
const options = new Kept<Options>("options", PLAIN);
export const history = new Kept<string[]>("history", []);

export class Wishes {
  /** The seed of the next draft and of the first picture made from it. */
  next = $state(newSeed());

  get prompt(): string {
    return prompt.value;
  }
  set prompt(value: string) {
    prompt.value = value;
  }
  get options(): Options {
    return options.value;
  }
  set(change: Partial<Options>): void {
    options.value = { ...options.value, ...change };
  }
  reset(): void {
    options.value = { ...PLAIN, model: options.value.model };
  }

  get seed(): number {
    return options.value.seed ?? this.next;
  }

  /** After a round: other seeds, unless one was chosen. */
  advance(): void {
    if (options.value.seed === null) this.next = newSeed();
  }

  settings(model: Model | undefined): Settings {
    const o = options.value;
    return {
      prompt: prompt.value.trim(),
      model: model?.id ?? o.model,
      size: o.size !== null && model?.sizes.includes(o.size) ? o.size : null,
      style: o.style,
      negative_prompt: o.negative.trim() || null,
      num_inference_steps: o.steps,
      guidance_scale: o.guidance,
      seed: this.seed,
    };
  }

  /** From a picture: its words, its seed, or everything. */
  take(settings: Settings, what: "prompt" | "seed" | "all" | "remix"): void {
    if (what !== "seed") prompt.value = settings.prompt;
    if (what === "seed") this.set({ seed: settings.seed ?? null });
    if (what !== "all" && what !== "remix") return;
    this.set({
      model: settings.model ?? null,
      size: settings.size ?? null,
      style: settings.style ?? null,
      negative: settings.negative_prompt ?? "",
      steps: settings.num_inference_steps ?? null,
      guidance: settings.guidance_scale ?? null,
      seed: what === "all" ? (settings.seed ?? null) : null,
    });
  }

  remember(): void {
    const text = prompt.value.trim();
    history.value = [text, ...history.value.filter((other) => other !== text)].slice(0, LONGEST_HISTORY);
  }
}

function newSeed(): number {
  return Math.floor(Math.random() * SEEDS);
}

export const wishes = new Wishes();
