/** The models of the service, asked for once. */
import { rest } from "./client.svelte";
import { listModels } from "./pictures";
import type { Model } from "./types";

export const STYLES = [
  "photograph", "watercolour", "ink", "oil painting", "pixel art", "toon", "pencil", "low-poly", "black and white", "vintage",
  "impressionist", "stained glass", "comic",
];

/** `models` draw; `brain` answers talks, where the service has one. */
export const catalogue: { models: Model[]; brain: Model | null; ready: boolean } = $state({ models: [], brain: null, ready: false });

export const LARGEST_SIDE = 4096; // of an enlarged picture

/** How many times the service can enlarge a picture of this size. */
export function enlargements(width: number, height: number): number[] {
  return (catalogue.models[0]?.upscales ?? []).filter((factor) => Math.max(width, height) * factor <= LARGEST_SIDE);
}

async function load(): Promise<void> {
  while (!catalogue.ready) {
    try {
      const all = await listModels();
      catalogue.models = all.filter((model) => !model.talks);
      catalogue.brain = all.find((model) => model.talks) ?? null;
      catalogue.ready = true;
    } catch {
      await rest(1500);
    }
  }
}
void load();
